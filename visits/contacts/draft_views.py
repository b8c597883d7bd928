"""Saving drafts of the call screen, which the page posts every few seconds."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients.models import Client
from crm.addresses import address
from staff.http import StaffRequest
from visits.contacts import drafts
from visits.models import Callback

PLAIN = "text/plain; charset=utf-8"


@never_cache
@require_POST
def draft_of_callback(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Save or discard the draft of a contact with a callback."""
    rows = Callback.objects.visible_to(request.user).select_related("client")
    callback = get_object_or_404(rows, public_id=public_id)
    if not Callback.objects.editable_by(request.user).filter(pk=callback.pk).exists():
        raise PermissionDenied
    return _keep(request, callback.client, callback, callback.get_absolute_url())


@never_cache
@require_POST
def draft_of_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Save or discard the draft of a contact without a callback."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    return _keep(request, client, None, address("visits:record", client.public_id))


def _keep(
    request: StaffRequest, client: Client, callback: Callback | None, back: str
) -> HttpResponse:
    if "discard" in request.POST:
        drafts.discard(employee=request.user, client=client, callback=callback)
        return redirect(back)
    try:
        data = drafts.content_of(request.POST)
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), status=413, content_type=PLAIN)
    if not data:
        return HttpResponse(_("There is nothing to keep."), status=422, content_type=PLAIN)
    if drafts.is_saved(data, request.user):
        return JsonResponse({"text": _("This contact is saved already.")}, status=409)
    draft = drafts.save(employee=request.user, client=client, callback=callback, data=data)
    clock = timezone.localtime(draft.saved_at).strftime("%H:%M:%S")
    text = _("Draft saved at %(time)s") % {"time": clock}
    return JsonResponse({"text": text, "at": draft.stamp})
