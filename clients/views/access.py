"""The first line of every page that changes a client."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from clients.models import Client
from staff.http import StaffRequest


def editable_client(request: StaffRequest, public_id: UUID) -> Client:
    """The client to be changed: 404 when out of sight, 403 when only to be read."""
    visible = Client.objects.visible_to(request.user)
    client = get_object_or_404(visible, public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    return client
