"""Retention of prospects without an account (PIPL arts 19, 47; docs/rules.md).

The clock runs from the last contact that reached them, else from the day they were recorded; a
consent or a public form counts as a contact. The days are the policy row of the branch.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import DateField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, TruncDate
from django.utils.translation import gettext as _

from clients.models import Client, Consent, Lifecycle
from crm import nightly
from crm.database_roles import may_purge
from crm.operations import ProspectsPurged, purge
from crm.reasons import clean_reason
from crm.trading_days import today
from pipeline.models import (
    CaptureEntry,
    Opportunity,
    PurgeRun,
    RetentionHold,
    Stage,
)
from pipeline.retention.policies import branches_by_retention
from staff.middleware import name_employee
from staff.models import Employee

ROLE_MISSING = (
    "Nobody is purged: create the role crm_purge as docs/operations.md says, then migrate."
)
log = logging.getLogger(__name__)
# After planning, which needs the rows, and before people come.
NIGHTLY_AT = time(3, 30)
# Parts below this order only say who is in doubt (crm/operations.py).
DOUBTS_END = 50
# So many go in one transaction.
PORTION = 200


@dataclass
class Purged:
    """Counts of a purge."""

    purged: int = 0
    kept: int = 0
    rows: Counter[str] = field(default_factory=Counter)


def past_retention(clients: QuerySet[Client], on: date) -> QuerySet[Client]:
    """Prospects among ``clients`` whose time is over on that day, with ``touched``."""
    rows = clients.filter(lifecycle=Lifecycle.PROSPECT, merged_into=None, opened_on=None)
    rows = rows.annotate(touched=_touched())
    over = Q(pk__in=[])
    for days, branches in branches_by_retention(on).items():
        before = on - timedelta(days=days)
        # The day of recording alone leaves few to look closer at.
        over |= Q(branch__in=branches, recorded_on__lt=before, touched__lt=before)
    return rows.filter(over)


def _touched() -> Greatest:
    """The day of the last contact. PostgreSQL's GREATEST ignores nulls."""
    consents = Consent.objects.filter(client=OuterRef("pk")).order_by().values("client")
    entries = CaptureEntry.objects.filter(client=OuterRef("pk")).order_by().values("client")
    merged = Client.objects.filter(merged_into=OuterRef("pk")).order_by().values("merged_into")
    own = Greatest("recorded_on", "last_contact_on")
    return Greatest(
        "recorded_on",
        "last_contact_on",
        Subquery(consents.annotate(day=Max("given_on")).values("day")),
        Subquery(
            entries.annotate(day=Max(TruncDate("at"))).values("day"), output_field=DateField()
        ),
        Subquery(merged.annotate(day=Max(own)).values("day")),
    )


def keep_in_progress(event: ProspectsPurged) -> None:
    """Part of ``purge``: keep prospects with an open or won opportunity, or a hold."""
    chances = Opportunity.objects.filter(client__in=event.all).exclude(state=Stage.Kind.LOST)
    holds = RetentionHold.objects.filter(client__in=event.all, lifted_on=None)
    event.keep.update(chances.values_list("client", flat=True))
    event.keep.update(holds.values_list("client", flat=True))


_COUNT = """
INSERT INTO pipeline_purgedstatistic
    (month, branch_id, source, prospect_type, stage_id, lost_reason_id, count)
SELECT date_trunc('month', c.recorded_on)::date, c.branch_id, c.source, c.prospect_type,
       reached.stage_id, last.lost_reason_id, count(*)
FROM clients_client c
LEFT JOIN LATERAL (
    SELECT o.id, o.lost_reason_id FROM pipeline_opportunity o
    WHERE o.client_id = c.id ORDER BY o.id DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT m.to_stage_id AS stage_id FROM pipeline_stagemove m
    JOIN pipeline_stage s ON s.id = m.to_stage_id
    WHERE m.opportunity_id = last.id AND s.kind = 'open' ORDER BY s.position DESC, s.id LIMIT 1
) reached ON true
WHERE c.id = ANY (%s)
GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT ON CONSTRAINT purgedstatistic_once
DO UPDATE SET count = pipeline_purgedstatistic.count + EXCLUDED.count
"""


def count_gone(event: ProspectsPurged) -> None:
    """Part of ``purge``: add the purged prospects to the statistics."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(event.gone)])


def run(*, on: date | None = None, dry_run: bool = False) -> Purged:
    """Purge prospects past retention on that day, in batches, and record the counts.

    ``dry_run`` says what would be done, by doing it and rolling back. Raises ValidationError for a
    day to come: nobody is purged ahead of time.
    """
    on = on or today()
    if on > today() and not dry_run:
        raise ValidationError(_("This day is still to come: only a trial run may look ahead."))
    total, last = Purged(), 0
    while keys := _portion(on, last):
        last = keys[-1]
        with transaction.atomic():
            name_employee(None)
            _purge(keys, on, total)
            if dry_run:
                transaction.set_rollback(True)
    if total.purged and not dry_run:
        PurgeRun.objects.create(on=on, purged=total.purged, kept=total.kept, rows=dict(total.rows))
    return total


def _portion(on: date, after: int) -> list[int]:
    rows = past_retention(Client.objects.filter(pk__gt=after), on).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:PORTION])


def _purge(keys: list[int], on: date, total: Purged) -> None:
    # Checked again under the lock: a prospect may be in use by now.
    locked = Client.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    list(locked.values_list("pk"))
    still = past_retention(Client.objects.filter(pk__in=keys), on).values_list("pk", flat=True)
    prospects: dict[int, list[int]] = {pk: [] for pk in still}
    merged = Client.objects.filter(merged_into__in=prospects).values_list("merged_into", "pk")
    for survivor, pk in merged:
        prospects[survivor or 0].append(pk)
    event = ProspectsPurged(prospects=prospects, on=on)
    purge.run(event)
    total.purged += len(event.gone)
    total.kept += len(prospects) - len(event.gone)
    total.rows.update(event.counts)


def run_nightly() -> None:
    """Run tonight's purge, once, by the first worker."""
    with transaction.atomic():
        if not nightly.claim("purge", NIGHTLY_AT):
            return
        name_employee(None)
        if not may_purge():
            # Once a night, and the run of the next night covers this one.
            log.error(ROLE_MISSING)
            return
        run()


# Reads and holds ----------------------------------------------------------------------------


def kept(clients: Sequence[Client], on: date) -> set[int]:
    """Keys of prospects that some app keeps from the purge for now."""
    event = ProspectsPurged(prospects={client.pk: [] for client in clients}, on=on)
    purge.run_below(event, DOUBTS_END)
    return event.keep


def holds(clients: Sequence[Client]) -> dict[int, str]:
    """Reasons of the holds in force, by client."""
    rows = RetentionHold.objects.filter(client__in=clients, lifted_on=None)
    return dict(rows.values_list("client", "reason"))


@transaction.atomic
def place_hold(*, client: Client, reason: str, by: Employee) -> RetentionHold:
    """Put a hold on the purging of a prospect; at most one at a time."""
    reason = clean_reason(reason)
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    held = RetentionHold.objects.filter(client=client, lifted_on=None).first()
    return held or RetentionHold.objects.create(
        client=client, reason=reason, placed_by=by, placed_on=today()
    )


@transaction.atomic
def lift_hold(*, client: Client, by: Employee) -> None:
    """The clock decides again."""
    rows = RetentionHold.objects.filter(client=client, lifted_on=None)
    rows.update(lifted_on=today(), lifted_by=by)
