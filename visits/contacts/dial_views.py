"""Dialling: from an open callback, and of one's own motive from the client file."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.file.access import editable_client
from clients.models import Client
from crm import trading_days
from crm.addresses import address
from crm.models import AccessLog
from crm.reasons import clean_reason
from staff.http import StaffRequest
from visits.contacts import dialling
from visits.contacts.forms import VisitForm
from visits.contacts.selectors import dial_reason
from visits.models import Callback, Channel
from visits.querysets import acts_on


@never_cache
@require_POST
def dial(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The number to call from an open callback; logged before it is shown."""
    rows = Callback.objects.visible_to(request.user).select_related("client")
    callback = get_object_or_404(rows, public_id=public_id)
    if not acts_on(request.user, callback):
        raise PermissionDenied
    found = dialling.number(callback.client, request.POST)
    if callback.status != Callback.Status.OPEN:
        gone = _("This callback is no longer open. Dial from one that is.")
        found = replace(found, refused=gone)
    reason, action = dial_reason(callback), AccessLog.Action.DIAL
    return _shown(request, callback.client, found, action, reason, callback.get_absolute_url())


@never_cache
@require_POST
def dial_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The number to call without a callback; the reason is logged before it is shown."""
    client = editable_client(request, public_id)
    found, reason = dialling.number(client, request.POST), ""
    try:
        missing = _("Say why you call: it is kept with the access to the number.")
        reason = clean_reason(request.POST.get("reason", ""), field=None, missing=missing)
    except ValidationError as error:
        found = replace(found, refused=" ".join(error.messages))
    back = address("visits:record", client.public_id)
    return _shown(request, client, found, AccessLog.Action.REVEAL, reason, back)


def _shown(
    request: StaffRequest,
    client: Client,
    found: dialling.Dialled,
    action: str,
    reason: str,
    back: str,
) -> HttpResponse:
    """The number, or why there is none (409)."""
    if not found.refused:
        dialling.log(found, client=client, by=request.user, action=action, reason=reason)
    context = {"client": client, "back": back, "dialled": found, "phone": found.phone}
    context["refused"] = found.refused
    if request.htmx and not found.refused:
        context["channel"] = VisitForm(initial={"channel": Channel.PHONE}, steps=[])["channel"]
    template = "visits/contacts/_dial.html" if request.htmx else "visits/contacts/dial.html"
    response = render(request, template, context, status=409 if found.refused else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def call(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """From the client file to the call: that of the callback that is due, else of one's own motive."""
    client = editable_client(request, public_id)
    rows = Callback.objects.visible_to(request.user, confidential=False).open()
    rows = rows.filter(client=client, due_on__lte=trading_days.today())
    due = rows.exclude(kind=Callback.Kind.COMPLIANCE).order_by("due_on", "pk").first()
    if due is not None:
        return redirect(f"{due.get_absolute_url()}?back=file")
    return redirect("visits:record", client.public_id)
