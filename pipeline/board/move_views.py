"""Moving an opportunity to another stage."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.trading_days import today
from pipeline.board.list_filter import board_address
from pipeline.models import AssessmentKind, Opportunity, Stage
from pipeline.opportunities.forms import MoveForm, refuse
from pipeline.opportunities.gates import first_gate
from pipeline.opportunities.moving import say_moved, to_file
from pipeline.opportunities.services import ChangedMeanwhile, missing_gates, move, undo_move
from pipeline.opportunities.views import _editable
from staff.http import StaffRequest, refusal


@require_http_methods(["GET", "POST"])
def move_to(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Move an opportunity to another stage; a form asks for the data that the stage requires."""
    opportunity = _editable(request, public_id)
    asked = request.POST if request.method == "POST" else request.GET
    stages = Stage.objects.of(opportunity.kind)
    stage = stages.filter(key=asked.get("stage", "").replace("\x00", "")).first()
    about: dict[str, Any] = {"kind": stage.kind if stage else "", "of": opportunity.kind}
    if request.method == "GET":
        if "stage" in asked and stage is None:
            raise Http404(_("No such stage. Go back to the board and choose from its list."))
        back = request.GET.get("back", "")
        seen = opportunity.version
        if stage and (gate := first_gate(opportunity, stage, seen=seen, back=back)):
            return redirect(gate)
        start = {
            "version": opportunity.version,
            "stage": stage and stage.key,
            "opened_on": today(),
            "competitor": opportunity.competitor_id,
        }
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
            back = request.POST.get("back", "")
            say_moved(request, moved, back)
            return redirect(_back(request, moved, back))
    return _ask(request, opportunity, form, stage, status=status)


@require_POST
def undo(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own last move, as long as nothing was changed since."""
    opportunity = _editable(request, public_id)
    version = request.GET.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return refusal(
            request, _("This way back is damaged. Move the card by its menu."), status=400
        )
    try:
        moved = undo_move(opportunity=opportunity, by=request.user, version=int(version))
    except ChangedMeanwhile as late:
        return refusal(request, str(late), status=409)
    except ValidationError as refused:
        return refusal(request, " ".join(refused.messages), status=409)
    said = _("%(client)s is back in “%(stage)s”.") % {
        "client": moved.client,
        "stage": moved.stage,
    }
    messages.success(request, said)
    return redirect(_back(request, moved, request.GET.get("back", "")))


def _back(request: StaffRequest, opportunity: Opportunity, back: str) -> str:
    return opportunity.get_absolute_url() if to_file(back) else board_address(request.user, back)


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
    return render(request, "pipeline/board/move.html", context, status=status)
