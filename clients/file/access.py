"""Access to one client from a request: fetch it through the access rule, refuse read-only posts."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clients.models import Client
from clients.querysets import may_record
from staff.http import StaffRequest


def visible_client(request: StaffRequest, public_id: UUID, *related: str) -> tuple[Client, bool]:
    """A client the viewer may see, with ``related`` rows, and whether they may change it.

    One statement. Raises Http404 for a client out of sight.
    """
    rows = Client.objects.visible_to(request.user)
    if related:
        rows = rows.select_related(*related)
    # Seeing a client includes changing it, unless the post is read-only (``changed_by``).
    return get_object_or_404(rows, public_id=public_id), may_record(request.user)


def editable_client(request: StaffRequest, public_id: UUID, *related: str) -> Client:
    """The client to be changed, with ``related`` rows.

    Raises Http404 for a client out of sight and PermissionDenied for one that is only to be read.
    """
    client, editable = visible_client(request, public_id, *related)
    if not editable:
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
