"""The parts of pipeline/ in the named operations that span rooms (docs/architecture.md)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from crm.operations import (
    ClientsMerged,
    ClientsSplit,
    ImportUndone,
    OpenWorkCounted,
    ProspectRecorded,
)
from crm.trading_days import today
from pipeline.capture.services import first_step
from pipeline.models import Invitation, Lead, Opportunity, OpportunityKind, Stage, Thanks


def begin(event: ProspectRecorded) -> None:
    """Part of ``prospect_recorded``: origin, opportunity and first call, as quick capture makes them."""
    client = event.client
    serving = client.manager or event.by
    Lead.objects.create(client=client, via=Lead.Via.QUICK, employee=serving, on=today())
    first_step(client, serving, client.public_id, by=event.by)


def count_opportunities(event: OpenWorkCounted) -> None:
    """Part of ``open_work``: opportunities in progress."""
    rows = Opportunity.objects.filter(client__in=event.clients, state=Stage.Kind.OPEN)
    numbers = rows.order_by().values("client").annotate(n=Count("pk"))
    event.counts.update(dict(numbers.values_list("client", "n")))


def join_opportunities(event: ClientsMerged) -> None:
    """Part of ``merge``: opportunities go on with the survivor, their moves and assessments with them.

    Raises ValidationError where both have one of the same kind in progress: which of the two is the
    right one, nobody but a person knows.
    """
    rows = Opportunity.objects.filter(client=event.merged)
    both = rows.filter(state=Stage.Kind.OPEN).filter(
        kind__in=Opportunity.objects.filter(client=event.survivor, state=Stage.Kind.OPEN).values(
            "kind"
        )
    )
    for row in both:
        raise ValidationError(
            _("Both records have an opportunity in progress (%(kind)s). Close one of them first.")
            % {"kind": OpportunityKind(row.kind).label}
        )
    event.moved["opportunities"] = list(rows.values_list("pk", flat=True))
    rows.update(client=event.survivor)


def split_opportunities(event: ClientsSplit) -> None:
    """Part of ``unmerge``: they go back."""
    keys = event.moved.get("opportunities", [])
    Opportunity.objects.filter(pk__in=keys).update(client=event.merged)


def keep_clients_with_opportunities(event: ImportUndone) -> None:
    """Keep clients with an opportunity created since the import."""
    worked = Opportunity.objects.filter(client__in=event.created)
    event.keep.update(worked.values_list("client", flat=True))


def join_origins(event: ClientsMerged) -> None:
    """Part of ``merge``: move rows of which the survivor has none."""
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
