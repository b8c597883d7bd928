"""The file of an opportunity, and what changes one."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client, Lifecycle
from clients.querysets import may_record
from crm.trading_days import today
from pipeline.forms import EditForm, MoveForm, OpportunityForm
from pipeline.listing import board_address
from pipeline.models import Opportunity, Stage
from pipeline.services import ChangedMeanwhile, create_opportunity, move, update_opportunity
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
    """Start an opportunity from the file of a prospect."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    form = OpportunityForm(request.POST if request.method == "POST" else None)
    form.submit_label, form.cancel_url = _("Start the opportunity"), client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            made = create_opportunity(client=client, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The opportunity has started."))
            return redirect(made)
    status = 422 if form.errors else 200
    context = {"form": form, "client": client, "refused": client.lifecycle != Lifecycle.PROSPECT}
    return render(request, "pipeline/create.html", context, status=status)


@require_safe
def detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The file of an opportunity: what is expected, the next step, and its way so far."""
    rows = Opportunity.objects.visible_to(request.user)
    rows = rows.select_related("client", "client__manager", "stage", "lost_reason")
    opportunity = get_object_or_404(rows, public_id=public_id)
    may_edit = opportunity.state == Stage.Kind.OPEN and may_record(request.user)
    context = {
        "opportunity": opportunity,
        "may_edit": may_edit,
        "moves": opportunity.moves.select_related("from_stage", "to_stage", "employee"),
        "stages": Stage.objects.filter(is_active=True) if may_edit else [],
        "day": today(),
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
                update_opportunity(opportunity=opportunity, **form.cleaned_data)
            except ChangedMeanwhile as late:
                status = 409
                form.add_error(None, str(late))
                # What was typed stays; sending it again is then a decision.
                typed = request.POST.copy()
                now = Opportunity.objects.visible_to(request.user).get(pk=opportunity.pk)
                form.data = typed
                typed["version"] = str(now.version)
            except ValidationError as refused:
                form.add_error(None, refused)
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
    stage = Stage.objects.filter(key=asked.get("stage", ""), is_active=True).first()
    kind = stage.kind if stage else ""
    if request.method == "GET":
        if "stage" in asked and stage is None:
            raise Http404(_("No such stage. Go back to the board and choose from its list."))
        start = {"version": opportunity.version, "stage": stage and stage.key, "opened_on": today()}
        return _ask(request, opportunity, MoveForm(kind=kind, initial=start), stage)
    form = MoveForm(request.POST, kind=kind)
    status = 422
    if form.is_valid():
        try:
            moved = move(opportunity=opportunity, by=request.user, **form.cleaned_data)
        except ChangedMeanwhile as late:
            status = 409
            form.add_error(None, str(late))
        except ValidationError as refused:
            form.add_error(None, refused)
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
    if request.POST.get("back") == "file":
        return redirect(opportunity)
    return redirect(board_address(request.user, request.POST.get("back", "")))


def _ask(
    request: StaffRequest,
    opportunity: Opportunity,
    form: MoveForm,
    stage: Stage | None,
    status: int = 200,
) -> HttpResponse:
    """The small page of one move, with the questions of the stage."""
    asked = request.POST if request.method == "POST" else request.GET
    if stage is not None:
        form.fields["stage"].widget = forms.HiddenInput()
    if status == 409:
        form.data = typed = request.POST.copy()
        now = Opportunity.objects.visible_to(request.user).get(pk=opportunity.pk)
        typed["version"] = str(now.version)
        opportunity = now
    back = asked.get("back", "")
    form.cancel_url = opportunity.get_absolute_url()
    form.fields["back"] = forms.CharField(
        widget=forms.HiddenInput, required=False, initial=back, max_length=100
    )
    context = {"form": form, "opportunity": opportunity, "stage": stage}
    return render(request, "pipeline/move.html", context, status=status)
