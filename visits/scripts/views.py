"""Scripts and plans: how each segment is contacted. Everyone reads, heads change."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.addresses import address
from crm.forms import offer
from staff.http import StaffRequest, refusal
from staff.models import Branch, Employee
from visits import salutation
from visits.models import CallbackPlan, Script
from visits.permissions import changeable, may_change, segments_near
from visits.scripts import services as scripts_services
from visits.scripts.editing import shown
from visits.scripts.forms import CopyForm, ScriptForm


def _scripts(request: StaffRequest) -> QuerySet[Script]:
    return Script.objects.filter(request.user.near).select_related("branch")


def _branch_to_copy_for(employee: Employee) -> Branch | None:
    """The branch whose scripts the employee manages: a head's own, below the head office."""
    branch = employee.branch
    if branch is None or branch.parent_id is None:
        return None
    return branch if may_change(employee, branch) else None


def _plans_near(employee: Employee) -> QuerySet[CallbackPlan]:
    """Plans in force of the segments that the employee may know of."""
    rows = CallbackPlan.objects.filter(segment__in=segments_near(employee), valid_to=None)
    return rows.select_related("segment").order_by("segment__tier", "segment")


@require_safe
def scripts(request: StaffRequest) -> HttpResponse:
    """All scripts available to the user."""
    near = Prefetch("plans", _plans_near(request.user), to_attr="shown_plans")
    rows = _scripts(request).select_related("segment").prefetch_related("versions", near)
    listed = []
    for script in rows:
        version = next((v for v in script.versions.all() if v.valid_to is None), None)
        used = {plan.segment for plan in script.shown_plans}
        if script.segment is not None and script.purpose != Script.Purpose.REGULAR:
            used = {script.segment}
        listed.append((script, version, sorted(used, key=lambda s: (s.tier, s.pk))))
    branch = None if request.user.administers_firm else request.user.branch
    context = {"scripts": listed, "may_add": may_change(request.user, branch)}
    return render(request, "visits/scripts/scripts.html", context)


@require_safe
def script(request: StaffRequest, pk: int) -> HttpResponse:
    """One script with its steps and permitted actions."""
    row = get_object_or_404(_scripts(request), pk=pk)
    version = row.current
    hello = salutation.sample(timezone.now())
    steps = shown(version.steps.all(), request.user, hello) if version else []
    copies = changeable(segments_near(request.user), request.user).filter(branch__isnull=False)
    context = {
        "script": row,
        "version": version,
        "prompts": steps,
        "hello": hello,
        "copy_branch": _branch_to_copy_for(request.user) if row.branch_id is None else None,
        "may_change": may_change(request.user, row.branch),
        "copies": list(copies) if row.branch_id is None else [],
        "older": list(row.versions.exclude(valid_to=None)),
        "regular": row.purpose == Script.Purpose.REGULAR,
        "segments": [plan.segment for plan in _plans_near(request.user).filter(script=row)],
    }
    return render(request, "visits/scripts/script.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_script(request: StaffRequest) -> HttpResponse:
    """Write a script from nothing: of the head's own branch, or of the firm."""
    branch = None if request.user.administers_firm else request.user.branch
    if not may_change(request.user, branch):
        raise PermissionDenied
    form = ScriptForm(request.POST if request.method == "POST" else None)
    offer(form.fields["segment"], segments_near(request.user))
    form.cancel_url = address("visits:scripts")
    if request.method == "POST" and form.is_valid():
        made = scripts_services.create_script(branch=branch, **form.cleaned_data)
        return redirect("visits:edit_script", pk=made.pk)
    context = {"form": form, "branch": branch}
    status = 422 if form.errors else 200
    return render(request, "visits/scripts/new.html", context, status=status)


@require_POST
def copy_script(request: StaffRequest, pk: int) -> HttpResponse:
    """Copy a script of the firm for a segment of the user's branch."""
    row = get_object_or_404(_scripts(request).filter(branch=None), pk=pk)
    segments = changeable(segments_near(request.user), request.user).filter(branch__isnull=False)
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
