"""Pages that change a client: record, edit, segment, manager."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.figures.held import say_what_figures_decide
from clients.file.access import editable_client, editable_or_survivor
from clients.file.forms import (
    ClientForm,
    EditClientForm,
    ManagerForm,
    ReasonForm,
    SegmentForm,
)
from clients.file.recording import record
from clients.file.recording_forms import CreateClientForm
from clients.file.services import (
    EditConflict,
    Saved,
    assign,
    pin_segment,
    unpin_segment,
    update_client,
)
from clients.models import Client
from clients.querysets import may_record
from crm.addresses import address
from crm.trading_days import today
from staff.http import StaffRequest

_PAGE = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(_PAGE)
def create(request: StaffRequest) -> HttpResponse:
    """Record a prospect or a client."""
    visible = Client.objects.visible_to(request.user)
    if not may_record(request.user):
        raise PermissionDenied
    form = CreateClientForm(
        request.POST or None, employee=request.user, initial={"token": uuid.uuid4()}
    )
    form.cancel_url = "../"
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        if twice := visible.filter(public_id=token).first():
            return redirect(twice)
        try:
            saved = record(
                by=request.user,
                details=form.details(),
                manager=form.served_by,
                lifecycle=form.cleaned_data["lifecycle"],
                opened_on=form.cleaned_data["opened_on"],
                public_id=token,
            )
        except ValidationError as error:
            form.add_error(None, _sentences(error))
        except IntegrityError as error:
            if "public_id" not in str(error):
                raise
            # The same form arrived twice at the same moment, and the other one was first.
            if twice := visible.filter(public_id=token).first():
                return redirect(twice)
            form.add_error(None, _("This form is out of date: open it again."))
        else:
            return _done(request, saved)
    return _form(request, form, {"title": _("New client")})


@never_cache
@require_http_methods(_PAGE)
def edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Edit a client; on an edit conflict the user sees the other person's values."""
    client, merged = editable_or_survivor(request, public_id)
    if merged and request.method != "POST":
        return redirect("clients:edit", public_id=client.public_id)
    data = request.POST if request.method == "POST" else None
    form = EditClientForm(data, instance=client)
    if merged:
        return _again(request, form, client, {"merged": merged})
    say_what_figures_decide(form, client)
    form.cancel_url = client.get_absolute_url()
    context = {"title": _("Edit"), "client": client}
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, context)
    try:
        saved = update_client(
            client_id=client.pk, version=form.version, by=request.user, details=form.details()
        )
    except EditConflict as conflict:
        return _conflict(request, form, conflict)
    except ValidationError as error:
        form.add_error(None, _sentences(error))
        return _form(request, form, context)
    return _done(request, saved)


def _conflict(request: StaffRequest, form: EditClientForm, conflict: EditConflict) -> HttpResponse:
    """Response to a form whose client was saved, merged or reassigned meanwhile."""
    visible = Client.objects.visible_to(request.user)
    if client := visible.filter(pk=conflict.client.pk).first():
        return _again(request, form, client, {"who": conflict.by or _("Another person")})
    public_id = conflict.client.public_id
    if visible.survivor_of(public_id):
        client, merged = editable_or_survivor(request, public_id)
        return _again(request, form, client, {"merged": merged})
    form.add_error(None, _("Somebody else serves this client by now, so nothing was saved."))
    form.cancel_url = address("clients:list")
    return render(request, "clients/form.html", {"form": form, "title": _("Edit")}, status=409)


def _again(
    request: StaffRequest, form: EditClientForm, client: Client, notice: dict[str, Any]
) -> HttpResponse:
    """The form with the values of both users; saving it again overwrites."""
    visible = Client.objects.visible_to(request.user)
    fresh = EditClientForm(instance=get_object_or_404(visible, pk=client.pk))
    shown = form.shown if form.is_valid() or "opened" not in form.errors else {}
    data = request.POST.copy()
    theirs = []
    for name, stored in fresh.snapshot(fresh.instance).items():
        before = shown.get(name, "")
        if stored == before:
            continue
        theirs.append({"label": fresh.fields[name].label, "text": _shown(fresh, name, stored)})
        if data.get(name, "").strip() == before:
            data[name] = stored
    data["opened"] = fresh.initial["opened"]
    again = EditClientForm(data, instance=fresh.instance)
    again.cancel_url = fresh.instance.get_absolute_url()
    again.helper_action = f"{again.cancel_url}edit/"
    context = {
        "form": again,
        "client": fresh.instance,
        "title": _("Edit"),
        "theirs": theirs,
        **notice,
    }
    return render(request, "clients/form.html", context, status=409)


def _shown(form: ClientForm, name: str, value: str) -> str:
    """The value as a person reads it."""
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value)) if value else "—"


@never_cache
@require_http_methods(_PAGE)
def segment(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Pin the segment with a reason, or let the rules decide again."""
    client = editable_client(request, public_id)
    initial = {
        "segment": client.segment_id if client.segment_pinned else None,
        "until": client.segment_pinned_until,
    }
    form = SegmentForm(request.POST or None, client=client, initial=initial)
    context = {"title": _("Segment"), "client": client}
    if request.method == "POST" and form.is_valid():
        chosen, reason = form.cleaned_data["segment"], form.cleaned_data["reason"]
        try:
            if chosen:
                pin_segment(
                    client=client,
                    segment=chosen,
                    reason=reason,
                    by=request.user,
                    until=form.cleaned_data["until"],
                )
            else:
                unpin_segment(client=client, reason=reason, by=request.user)
        except ValidationError as error:
            form.add_error(None, _sentences(error))
        else:
            return _done(request, Saved(client))
    return _form(request, form, context)


@never_cache
@require_http_methods(_PAGE)
def manager(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Assign the client to another employee from today; for heads, within their scope."""
    client = editable_client(request, public_id)
    if not (request.user.is_head or request.user.is_superuser):
        raise PermissionDenied
    form = ManagerForm(request.POST or None, employee=request.user)
    context = {"title": _("Change the manager"), "client": client}
    if request.method == "POST" and form.is_valid():
        chosen, reason = form.cleaned_data["manager"], form.cleaned_data["reason"]
        try:
            assign(client=client, employee=chosen, on=today(), reason=reason, by=request.user)
        except ValidationError as error:
            form.add_error(None, _sentences(error))
        else:
            return _done(request, Saved(client))
    return _form(request, form, context)


def _sentences(error: ValidationError) -> list[str]:
    return list(error.messages)


def _form(
    request: StaffRequest, form: ClientForm | ReasonForm, context: dict[str, Any]
) -> HttpResponse:
    client = context.get("client")
    if client is not None:
        form.cancel_url = client.get_absolute_url()
    status = 422 if form.errors else 200
    return render(request, "clients/form.html", {"form": form, **context}, status=status)


def _done(request: StaffRequest, saved: Saved) -> HttpResponse:
    messages.success(request, _("Saved."))
    for sentence in saved.warnings:
        messages.warning(request, sentence)
    return redirect(saved.client)
