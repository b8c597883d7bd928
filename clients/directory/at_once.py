"""Changes of a few clients: done and taken back within the request, by statements over all of them.

What is kept of them is the same as of a change by a job (clients/directory/bulk.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.directory import bulk
from clients.models import (
    BulkChange,
    BulkChangeItem,
    Client,
    ClientTag,
    Segment,
    SegmentChange,
    Tag,
)
from clients.segments.classification import classify
from crm.operations import SegmentsSet, segments_set
from crm.reasons import clean_reason
from crm.trading_days import today
from staff.models import Employee

# Up to so many clients are changed while one waits; more of them by a job.
MOST = 100
State = BulkChangeItem.State
Action = BulkChange.Action
Before = dict[int, dict[str, Any]]


@transaction.atomic
def change(
    *,
    clients: Collection[int],
    action: str,
    target: Tag | Segment,
    reason: str,
    by: Employee,
    until: date | None = None,
) -> BulkChange:
    """Do what is asked for, and keep what it came to for each client.

    ``clients`` are keys; whom ``by`` may not edit is left as they are. Raises ValidationError for none.
    """
    rows = _locked(clients, by)
    kept = bulk.keep(
        clients=[row.pk for row in rows],
        action=action,
        target=target,
        reason=reason,
        by=by,
        until=until,
    )
    does: dict[str, Callable[[BulkChange, list[Client]], tuple[Before, set[int]]]] = {
        Action.TAG: _tag,
        Action.UNTAG: _untag,
        Action.PIN: _pin,
    }
    before, refused = does[action](kept, rows)
    items = list(kept.items.all())
    for item in items:
        done = State.DONE if item.client_id in before else State.SAME
        item.state = State.REFUSED if item.client_id in refused else done
        item.before = before.get(item.client_id, {})
    BulkChangeItem.objects.bulk_update(items, ["state", "before"])
    return kept


def _locked(clients: Collection[int], by: Employee) -> list[Client]:
    rows = Client.objects.editable_by(by).filter(pk__in=clients).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def _tag(kept: BulkChange, rows: list[Client]) -> tuple[Before, set[int]]:
    keys = [row.pk for row in rows]
    held = set(
        ClientTag.objects.visible_to(kept.employee)
        .filter(tag=kept.tag, client__in=keys)
        .values_list("client", flat=True)
    )
    new = [key for key in keys if key not in held]
    ClientTag.objects.bulk_create(
        [ClientTag(client_id=key, tag=kept.tag, added_by=kept.employee) for key in new]
    )
    return {key: {} for key in new}, set()


def _untag(kept: BulkChange, rows: list[Client]) -> tuple[Before, set[int]]:
    tags = ClientTag.objects.visible_to(kept.employee).filter(
        tag=kept.tag, client__in=[row.pk for row in rows]
    )
    held = list(tags.values_list("client", flat=True))
    tags.delete()
    return {key: {} for key in held}, set()


def _pin(kept: BulkChange, rows: list[Client]) -> tuple[Before, set[int]]:
    assert kept.segment is not None  # noqa: S101 - the constraint bulkchange_object
    reason = clean_reason(kept.reason)
    within = Client.objects.editable_by(kept.employee).filter(pk__in=[row.pk for row in rows])
    if kept.segment.branch_id is not None:
        within = within.filter(branch__path__contains=f"/{kept.segment.branch_id}/")
    allowed = set(within.values_list("pk", flat=True))
    wanted = (kept.segment_id, True, kept.until)
    changed = [
        row
        for row in rows
        if row.pk in allowed
        and (row.segment_id, row.segment_pinned, row.segment_pinned_until) != wanted
    ]
    before = {row.pk: bulk.segment_before(row) for row in changed}
    Client.objects.editable_by(kept.employee).filter(pk__in=before).update(
        segment=kept.segment,
        segment_since=Case(When(segment=kept.segment, then=F("segment_since")), default=today()),
        segment_pinned=True,
        segment_reason=reason,
        segment_pinned_until=kept.until,
        version=F("version") + 1,
        updated_at=timezone.now(),
    )
    for row in changed:
        row.segment, row.segment_pinned = kept.segment, True
    _note(changed, reason=reason, by=kept.employee)
    return before, {row.pk for row in rows} - allowed


def _note(rows: list[Client], *, reason: str, by: Employee) -> None:
    """The history of segments, then what rooms above derive from them."""
    SegmentChange.objects.bulk_create(
        [
            SegmentChange(
                client=row,
                segment_id=row.segment_id,
                pinned=row.segment_pinned,
                reason=reason[:200],
                employee=by,
            )
            for row in rows
        ]
    )
    classify(clients=[row.pk for row in rows if not row.segment_pinned])
    segments_set.run(SegmentsSet(clients=[row.pk for row in rows], by=by))


def ran(change: BulkChange) -> bool:
    """Whether it was small enough for its undo to be done within the request, and has ended."""
    states = list(change.items.values_list("state", flat=True)[: MOST + 1])
    return len(states) <= MOST and State.ASKED not in states


@transaction.atomic
def undo(*, change: BulkChange, by: Employee) -> int:
    """Take it back for every client that it changed, or for none; how many.

    Raises ValidationError when it is too late, and when somebody changed one of them since.
    """
    kept = bulk.take(change)
    before = dict(kept.items.filter(state=State.DONE).values_list("client", "before"))
    rows = _locked(before, by)
    if len(rows) < len(before) or _differs(kept, rows):
        raise ValidationError(
            _("Somebody has changed one of these clients since: nothing was taken back.")
        )
    if kept.action == Action.TAG:
        ClientTag.objects.visible_to(by).filter(tag=kept.tag, client__in=before).delete()
    elif kept.action == Action.UNTAG:
        ClientTag.objects.bulk_create(
            [ClientTag(client=row, tag=kept.tag, added_by=by) for row in rows]
        )
    else:
        _put_back(kept, rows, before)
    kept.items.filter(state=State.DONE).update(state=State.UNDONE)
    return len(rows)


def _differs(kept: BulkChange, rows: list[Client]) -> bool:
    """Whether one of the clients is no longer as the change left them."""
    if kept.action == Action.PIN:
        left = (kept.segment_id, True, kept.until, kept.reason.strip())
        return any(
            (row.segment_id, row.segment_pinned, row.segment_pinned_until, row.segment_reason)
            != left
            for row in rows
        )
    held = (
        ClientTag.objects.visible_to(kept.employee)
        .filter(tag=kept.tag, client__in=[row.pk for row in rows])
        .count()
    )
    return held != (len(rows) if kept.action == Action.TAG else 0)


def _put_back(kept: BulkChange, rows: list[Client], before: Before) -> None:
    for row in rows:
        was = before[row.pk]
        until = was["until"] and date.fromisoformat(was["until"])
        if was["pinned"] and row.segment_id != was["segment"]:
            row.segment_since = today()
        row.segment_id = was["segment"] if was["pinned"] else row.segment_id
        row.segment_pinned = was["pinned"]
        row.segment_reason = was["reason"] if was["pinned"] else ""
        row.segment_pinned_until = max(until, today()) if until and was["pinned"] else None
        row.version += 1
    names = ["segment", "segment_since", "segment_pinned", "segment_reason"]
    Client.objects.bulk_update(rows, [*names, "segment_pinned_until", "version"])
    reason = _("Taken back: %(reason)s") % {"reason": kept.reason}
    _note(rows, reason=reason, by=kept.employee)
