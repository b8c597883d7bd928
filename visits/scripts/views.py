"""Scripts and plans: how each segment is contacted. Everyone reads, heads change."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Segment
from crm.forms import offer
from staff.http import StaffRequest, refusal
from staff.models import Branch, Employee
from visits import salutation, wording
from visits.models import CallbackPlan, Script, ScriptStep
from visits.scripts import services as scripts_services
from visits.scripts.forms import CopyForm, PlanForm, Steps, initial_steps
from visits.scripts.validation import check_steps
from visits.scripts.versions import renumbered


def _scripts(request: StaffRequest) -> QuerySet[Script]:
    return Script.objects.filter(request.user.near).select_related("branch")


def _segments(request: StaffRequest) -> QuerySet[Segment]:
    return Segment.objects.filter(request.user.near).select_related("branch")


def _preview(
    steps: Iterable[ScriptStep], reader: Employee, hello: str
) -> list[tuple[ScriptStep, str]]:
    """Steps as the manager will see them, with a greeting for a client made up."""
    words = {"greeting": hello, "manager": reader.get_full_name() or reader.username}
    shown = []
    for number, step in enumerate(steps, 1):
        step.words = words
        step.pk = step.pk or number
        shown.append((step, ""))
    return shown


def _branch_to_copy_for(employee: Employee) -> Branch | None:
    """The branch whose scripts the employee manages: a head's own, below the head office."""
    branch = employee.branch
    if branch is None or branch.parent_id is None:
        return None
    return branch if scripts_services.may_change(employee, branch) else None


@require_safe
def scripts(request: StaffRequest) -> HttpResponse:
    """All scripts available to the user."""
    rows = _scripts(request).prefetch_related("versions", "plans__segment")
    listed = []
    for script in rows:
        version = next((v for v in script.versions.all() if v.valid_to is None), None)
        used = {plan.segment for plan in script.plans.all() if plan.valid_to is None}
        listed.append((script, version, sorted(used, key=lambda s: (s.tier, s.pk))))
    return render(request, "visits/scripts/scripts.html", {"scripts": listed})


@require_safe
def script(request: StaffRequest, pk: int) -> HttpResponse:
    """One script with its steps and permitted actions."""
    row = get_object_or_404(_scripts(request), pk=pk)
    version = row.current
    hello = salutation.sample(timezone.now())
    steps = _preview(version.steps.all(), request.user, hello) if version else []
    copies = scripts_services.changeable(_segments(request), request.user).filter(
        branch__isnull=False
    )
    context = {
        "script": row,
        "version": version,
        "prompts": steps,
        "hello": hello,
        "copy_branch": _branch_to_copy_for(request.user) if row.branch_id is None else None,
        "may_change": scripts_services.may_change(request.user, row.branch),
        "copies": list(copies) if row.branch_id is None else [],
        "older": list(row.versions.exclude(valid_to=None)),
    }
    return render(request, "visits/scripts/script.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_script(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit the steps, look at them as a manager will, and publish them as the next version."""
    row = get_object_or_404(_scripts(request), pk=pk)
    if not scripts_services.may_change(request.user, row.branch):
        raise PermissionDenied
    current = row.current
    steps = list(current.steps.all()) if current else []
    data = request.POST if request.method == "POST" else None
    form: Any = Steps(data, initial=initial_steps(steps))
    base = request.POST.get("base", "") if data else str(current.number if current else "")
    context: dict[str, Any] = {"script": row, "form": form, "base": base, "version": current}
    if data is not None and form.is_valid():
        try:
            made = renumbered(form.steps())
            if "preview" in data:
                check_steps(made, row.branch)
                context["hello"] = salutation.sample(timezone.now())
                preview_steps = [ScriptStep(**step) for step in made]
                context["prompts"] = _preview(preview_steps, request.user, context["hello"])
            else:
                number = int(base) if base.isdecimal() and len(base) < 6 else None
                version = scripts_services.publish(script=row, steps=made, base=number)
                text = _("Version %(number)s is in force from now on.")
                messages.success(request, text % {"number": version.number})
                return redirect("visits:script", pk=row.pk)
        except ValidationError as error:
            context["refused"] = error.messages
    wrong = "refused" in context or (data is not None and not form.is_valid())
    context["wrong"] = wrong
    return render(request, "visits/scripts/edit.html", context, status=422 if wrong else 200)


@require_POST
def copy_script(request: StaffRequest, pk: int) -> HttpResponse:
    """Copy a script of the firm for a segment of the user's branch."""
    row = get_object_or_404(_scripts(request).filter(branch=None), pk=pk)
    segments = scripts_services.changeable(_segments(request), request.user).filter(
        branch__isnull=False
    )
    branch = _branch_to_copy_for(request.user)
    if branch is None and not segments.exists():
        raise PermissionDenied
    form = CopyForm(request.POST)
    offer(form.fields["segment"], segments)
    own = Branch.objects.filter(pk__in=[branch.pk] if branch else [])
    offer(form.fields["branch"], own)
    if form.is_valid():
        try:
            copied = scripts_services.copy_script(script=row, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("visits:script", pk=row.pk)
        messages.success(request, _("Copied. Edit the steps and publish them."))
        return redirect("visits:edit_script", pk=copied.pk)
    text = _("Choose a branch of yours or one of its segments.")
    return refusal(request, text, status=422)


@require_safe
def plans(request: StaffRequest) -> HttpResponse:
    """Segments with their plan in force."""
    segments = list(_segments(request).order_by("tier", "pk"))
    open_plans = CallbackPlan.objects.filter(segment__in=segments, valid_to=None)
    by_segment = {plan.segment_id: plan for plan in open_plans.select_related("script")}
    mine = set(
        scripts_services.changeable(_segments(request), request.user).values_list("pk", flat=True)
    )
    rows = []
    for segment in segments:
        plan = by_segment.get(segment.pk)
        cadence = wording.cadence_text(plan.every, plan.unit) if plan else ""
        rows.append((segment, plan, cadence, segment.pk in mine))
    return render(request, "visits/scripts/plans.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Change how a segment is contacted, from today."""
    segment = get_object_or_404(_segments(request), pk=pk)
    if not scripts_services.may_change(request.user, segment.branch):
        raise PermissionDenied
    current = CallbackPlan.objects.filter(segment=segment, valid_to=None).first()
    initial = model_to_dict(current) if current else None
    data = request.POST if request.method == "POST" else None
    # A row of its own, so that validation leaves the plan in force alone.
    form = PlanForm(data, segment=segment, initial=initial)
    if data is not None and form.is_valid():
        try:
            scripts_services.change_plan(segment=segment, values=form.cleaned_data)
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
        else:
            text = _("The plan is in force from today. Callbacks are being planned again.")
            messages.success(request, text)
            return redirect("visits:plans")
    status = 422 if form.errors else 200
    context = {"form": form, "segment": segment, "current": current}
    return render(request, "visits/scripts/plan.html", context, status=status)
