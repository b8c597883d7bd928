"""The file of an opportunity, and what changes one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
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
from pipeline import assessing, reading
from pipeline.forms import AssessmentForm, EditForm, MoveForm, StartForm, refuse
from pipeline.listing import board_address
from pipeline.models import AssessmentKind, Opportunity, Stage
from pipeline.models.opportunity import kinds_for
from pipeline.services import (
    ChangedMeanwhile,
    create_opportunity,
    missing_gates,
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
    return render(request, "pipeline/create.html", context, status=status)


@require_safe
def detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The file of an opportunity: its stages and gates, what is expected, and its way so far."""
    rows = Opportunity.objects.visible_to(request.user)
    rows = rows.select_related(
        "client", "manager", "stage", "lost_reason", "competitor", "client__lead__channel",
        "client__lead__campaign",
    )  # fmt: skip
    opportunity = get_object_or_404(rows, public_id=public_id)
    may_edit = opportunity.state == Stage.Kind.OPEN and may_record(request.user)
    context = {
        "opportunity": opportunity,
        "may_edit": may_edit,
        "day": today(),
        **reading.file_of(opportunity, may_edit=may_edit),
    }
    return render(request, "pipeline/detail.html", context)


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
    return render(request, "pipeline/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def move_to(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Bring an opportunity to another stage; asks what the stage needs to know."""
    opportunity = _editable(request, public_id)
    asked = request.POST if request.method == "POST" else request.GET
    stages = Stage.objects.of(opportunity.kind)
    stage = stages.filter(key=asked.get("stage", "").replace("\x00", "")).first()
    about: dict[str, Any] = {"kind": stage.kind if stage else "", "of": opportunity.kind}
    if request.method == "GET":
        if "stage" in asked and stage is None:
            raise Http404(_("No such stage. Go back to the board and choose from its list."))
        start = {
            "version": opportunity.version, "stage": stage and stage.key, "opened_on": today(),
            "competitor": opportunity.competitor_id,
        }  # fmt: skip
        return _ask(request, opportunity, MoveForm(initial=start, **about), stage)
    form = MoveForm(request.POST, **about)
    status = 422
    if form.is_valid():
        try:
            moved = move(opportunity=opportunity, by=request.user, **form.cleaned_data)
        except ChangedMeanwhile as late:
            status = 409
            form.add_error(None, str(late))
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return _moved(request, moved)
    return _ask(request, opportunity, form, stage, status=status)


def _moved(request: StaffRequest, opportunity: Opportunity) -> HttpResponse:
    """Back to where the move was made, with a sentence that says so."""
    said = _("%(client)s is now in “%(stage)s”.") % {
        "client": opportunity.client,
        "stage": opportunity.stage,
    }
    messages.success(request, said)
    back = request.POST.get("back", "")
    if "file" in QueryDict(back):
        return redirect(opportunity)
    return redirect(board_address(request.user, back))


def _ask(
    request: StaffRequest,
    opportunity: Opportunity,
    form: MoveForm,
    stage: Stage | None,
    status: int = 200,
) -> HttpResponse:
    """The small page of one move, with the questions of the stage, or the gates before it."""
    asked = request.POST if request.method == "POST" else request.GET
    if stage is not None:
        form.fields["stage"].widget = forms.HiddenInput()
    if status == 409:
        form.data = typed = request.POST.copy()
        opportunity = _editable(request, opportunity.public_id)
        typed["version"] = str(opportunity.version)
    back = asked.get("back", "")
    form.cancel_url = opportunity.get_absolute_url()
    form.fields["back"] = forms.CharField(
        widget=forms.HiddenInput, required=False, initial=back, max_length=100
    )
    is_open = opportunity.state == Stage.Kind.OPEN
    missing = missing_gates(opportunity, stage) if stage is not None and is_open else []
    context = {
        "form": form,
        "opportunity": opportunity,
        "stage": stage,
        "missing": [AssessmentKind(gate) for gate in missing],
        "closed": not is_open,
    }
    return render(request, "pipeline/move.html", context, status=status)


@require_http_methods(["GET", "POST"])
def assess(request: StaffRequest, public_id: UUID, which: str) -> HttpResponse:
    """Make one of the three assessments, or make it anew."""
    opportunity = _editable(request, public_id)
    if which not in AssessmentKind.values:
        raise Http404(_("There is no such assessment."))
    last = assessing.latest(opportunity).get(which)
    start: dict[str, Any] = dict(last.answers) if last else {"capital": opportunity.amount}
    start |= {"version": last.version if last else 0, "stage": request.GET.get("stage", "")}
    form = AssessmentForm(request.POST or None, which=which, initial=start)
    form.cancel_url = opportunity.get_absolute_url()
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            assessing.assess(
                opportunity=opportunity, which=which, answers=form.answers,
                version=form.cleaned_data["version"], by=request.user,
            )  # fmt: skip
        except ChangedMeanwhile as late:
            status = 409
            form.add_error(None, str(late))
            form.data = typed = request.POST.copy()
            typed["version"] = str(last.version if last else 0)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The assessment is kept."))
            return redirect(_after_assessing(opportunity, form.cleaned_data["stage"]))
    context = {
        "form": form, "opportunity": opportunity, "last": last, "which": AssessmentKind(which),
        "closed": opportunity.state != Stage.Kind.OPEN,
    }  # fmt: skip
    return render(request, "pipeline/assess.html", context, status=status)


def _after_assessing(opportunity: Opportunity, key: str) -> str:
    """On to the stage that the assessment was asked for, else to the file."""
    stage = Stage.objects.of(opportunity.kind).filter(key=key.replace("\x00", "")).first()
    if stage is None:
        return opportunity.get_absolute_url()
    return f"{reverse('pipeline:move', args=[opportunity.public_id])}?stage={stage.key}&back=file"
