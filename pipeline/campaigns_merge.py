"""What merge and undo_import do to invitations, leads and thanks (docs/architecture.md)."""

from __future__ import annotations

from crm.operations import ClientsMerged, ClientsSplit, ImportUndone
from pipeline.models import Invitation, Lead, Thanks


def join_origins(event: ClientsMerged) -> None:
    """Part of ``merge``: what the survivor has none of itself goes on with it."""
    held = Invitation.objects.filter(client=event.survivor).values("campaign")
    rows = Invitation.objects.filter(client=event.merged).exclude(campaign__in=held)
    event.moved["invitations"] = list(rows.values_list("pk", flat=True))
    Invitation.objects.filter(pk__in=event.moved["invitations"]).update(client=event.survivor)
    event.moved["leads"] = []
    if not Lead.objects.filter(client=event.survivor).exists():
        leads = Lead.objects.filter(client=event.merged)
        event.moved["leads"] = list(leads.values_list("pk", flat=True))
        leads.update(client=event.survivor)


def split_origins(event: ClientsSplit) -> None:
    """Part of ``unmerge``: they go back."""
    for name, rows in (("invitations", Invitation.objects), ("leads", Lead.objects)):
        rows.filter(pk__in=event.moved.get(name, [])).update(client=event.merged)


def keep_clients_worked_with(event: ImportUndone) -> None:
    """A client who was invited, won or thanked for since the import stays."""
    for rows, path in (
        (Invitation.objects.filter(client__in=event.created), "client"),
        (Lead.objects.filter(client__in=event.created), "client"),
        (Thanks.objects.filter(referred__in=event.created), "referred"),
        (Thanks.objects.filter(referrer__in=event.created), "referrer"),
    ):
        event.keep.update(rows.values_list(path, flat=True))
