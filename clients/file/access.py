"""The first line of every page that changes a client."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clients.models import Client
from staff.http import StaffRequest


def editable_client(request: StaffRequest, public_id: UUID) -> Client:
    """The client to be changed: 404 when out of sight, 403 when only to be read."""
    visible = Client.objects.visible_to(request.user)
    client = get_object_or_404(visible, public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    return client


def editable_or_survivor(request: StaffRequest, public_id: UUID) -> tuple[Client, str]:
    """For a form that was sent: the client to be changed, and ''.

    Where that one was merged while the form was open: the survivor, and a sentence that says so.
    """
    survivor = Client.objects.editable_by(request.user).survivor_of(public_id)
    if survivor is None:
        return editable_client(request, public_id), ""
    return survivor, _(
        "This record was merged into %(name)s meanwhile, so nothing of yours was saved yet. "
        "Look again, then save."
    ) % {"name": survivor.salutation}
