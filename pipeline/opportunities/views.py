"""The page of an opportunity, and pages that change one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client
from clients.querysets import may_record
from crm.trading_days import today
from pipeline.models import AssessmentKind, Opportunity, Stage
from pipeline.models.opportunity import kinds_for
from pipeline.opportunities import assessments, selectors
from pipeline.opportunities.forms import AssessmentForm, EditForm, StartForm, refuse
from pipeline.opportunities.gates import first_gate
from pipeline.opportunities.moving import say_moved, to_file
from pipeline.opportunities.services import (
    ChangedMeanwhile,
    create_opportunity,
    move,
    update_opportunity,
)
from staff.http import StaffRequest


def _editable(request: StaffRequest, public_id: UUID) -> Opportunity:
    """The opportunity to change; 404 where it is not visible, 403 where it is read-only."""
    rows = Opportunity.objects.visible_to(request.user).select_related("client", "stage")
    row = get_object_or_404(rows, public_id=public_id)
    if not may_record(request.user):
        raise PermissionDenied
    return row


@require_http_methods(["GET", "POST"])
def create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Start an opportunity from the file of a prospect or a client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    rows = Opportunity.objects.visible_to(request.user).filter(client=client, state="open")
    open_rows = list(rows.select_related("stage"))
    taken = {row.kind for row in open_rows}
    kinds = [kind for kind in kinds_for(client) if kind not in taken]
    posted = request.POST if request.method == "POST" else None
    form = StartForm(posted, kinds=kinds, initial={"kind": request.GET.get("kind", "")})
    form.submit_label, form.cancel_url = _("Start the opportunity"), client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            made = create_opportunity(client=client, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The opportunity has started."))
            return redirect(made)
    status = 422 if form.errors else 200
    context = {"form": form, "client": client, "kinds": kinds, "in_progress": open_rows}
    return render(request, "pipeline/opportunities/create.html", context, status=status)


@require_safe
def detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The page of an opportunity: stages and gates, expectations, stage history."""
    rows = Opportunity.objects.visible_to(request.user)
    rows = rows.select_related(
        "client",
        "manager",
        "stage",
        "lost_reason",
        "competitor",
        "client__lead__channel",
        "client__lead__campaign",
    )
    opportunity = get_object_or_404(rows, public_id=public_id)
    may_edit = opportunity.state == Stage.Kind.OPEN and may_record(request.user)
    context = {
        "opportunity": opportunity,
        "may_edit": may_edit,
        "day": today(),
        **selectors.file_of(opportunity, may_edit=may_edit),
    }
    return render(request, "pipeline/opportunities/detail.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change the amount, the date and the next step."""
    opportunity = _editable(request, public_id)
    form = EditForm(
        request.POST if request.method == "POST" else None,
        instance=opportunity,
        initial={"version": opportunity.version},
    )
    form.cancel_url = opportunity.get_absolute_url()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                update_opportunity(opportunity=opportunity, by=request.user, **form.cleaned_data)
            except ChangedMeanwhile as late:
                status = 409
                form.add_error(None, str(late))
                # What was typed stays; sending it again is then a decision.
                typed = request.POST.copy()
                now = _editable(request, public_id)
                form.data = typed
                typed["version"] = str(now.version)
            except ValidationError as refused:
                refuse(form, refused)
            else:
                messages.success(request, _("Saved."))
                return redirect(opportunity)
    context = {"form": form, "opportunity": opportunity}
    return render(request, "pipeline/opportunities/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def assess(request: StaffRequest, public_id: UUID, which: str) -> HttpResponse:
    """Make one of the three assessments, or its next version."""
    opportunity = _editable(request, public_id)
    if which not in AssessmentKind.values:
        raise Http404(_("There is no such assessment."))
    last = assessments.latest(opportunity).get(which)
    start: dict[str, Any] = dict(last.answers) if last else {"capital": opportunity.amount}
    start |= {"version": last.version if last else 0}
    start |= {name: request.GET.get(name, "") for name in ("stage", "seen", "back")}
    form = AssessmentForm(request.POST or None, which=which, initial=start)
    form.cancel_url = opportunity.get_absolute_url()
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            assessments.assess(
                opportunity=opportunity,
                which=which,
                answers=form.answers,
                version=form.cleaned_data["version"],
                by=request.user,
            )
        except ChangedMeanwhile as late:
            status = 409
            form.add_error(None, str(late))
            form.data = typed = request.POST.copy()
            typed["version"] = str(last.version if last else 0)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return _after_assessing(request, opportunity, form.cleaned_data)
    context = {
        "form": form,
        "opportunity": opportunity,
        "last": last,
        "which": AssessmentKind(which),
        "closed": opportunity.state != Stage.Kind.OPEN,
        "towards": _stage(opportunity, str(form["stage"].value() or "")),
    }
    return render(request, "pipeline/opportunities/assess.html", context, status=status)


def _stage(opportunity: Opportunity, key: str) -> Stage | None:
    return Stage.objects.of(opportunity.kind).filter(key=key.replace("\x00", "")).first()


def _after_assessing(
    request: StaffRequest, opportunity: Opportunity, given: dict[str, Any]
) -> HttpResponse:
    """Go on with the move that required the assessment: the next gate, its questions, or its end."""
    stage = (
        Stage.objects.of(opportunity.kind).filter(key=given["stage"].replace("\x00", "")).first()
    )
    if stage is None:
        messages.success(request, _("The assessment is kept."))
        return redirect(opportunity)
    back, seen = given["back"], given["seen"] or 0
    before = opportunity.version
    opportunity.refresh_from_db(fields=["version", "amount", "stage", "state"])
    if seen == before:  # what has changed since is the expected amount, which the answers gave
        seen = opportunity.version
    if gate := first_gate(opportunity, stage, seen=seen, back=back):
        return redirect(gate)
    if stage.kind != Stage.Kind.OPEN:
        page = reverse("pipeline:move", args=[opportunity.public_id])
        return redirect(f"{page}?{urlencode({'stage': stage.key, 'back': back})}")
    try:
        moved = move(opportunity=opportunity, stage=stage, by=request.user, version=seen)
    except (ChangedMeanwhile, ValidationError) as refused:
        kept = _("The assessment is kept.")
        said = " ".join(getattr(refused, "messages", [str(refused)]))
        messages.warning(request, f"{kept} {said}")
        return redirect(opportunity)
    say_moved(request, moved, back)
    if to_file(back):
        return redirect(moved)
    return redirect(f"{reverse('pipeline:board')}?{QueryDict(back).urlencode()}".rstrip("?"))
