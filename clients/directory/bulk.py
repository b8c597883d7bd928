"""Changes of many clients: requested after a preview, done by a job, undone within a day.

Each client is changed by the same service as one by hand, in a transaction of its own, so a job
that is interrupted and repeated goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.directory.filters import ClientFilter
from clients.file.services import lock, pin_segment, segments_for, unpin_segment
from clients.models import (
    BulkChange,
    BulkChangeItem,
    Client,
    ClientTag,
    Segment,
    Tag,
)
from clients.querysets import ClientQuerySet
from crm import jobs
from crm.models import Job
from crm.trading_days import today
from staff.middleware import name_employee
from staff.models import Employee

MOST = 5_000
UNDO_FOR = timedelta(hours=24)
KIND, UNDO_KIND = "clients.bulk", "clients.bulk_undo"
_BATCH = 50
State = BulkChangeItem.State
Action = BulkChange.Action


def chosen(posted: QueryDict, clients: ClientQuerySet, employee: Employee) -> ClientQuerySet:
    """The ticked ones of ``clients``, or everything that the list's filters mean."""
    if "everything" in posted:
        filters = ClientFilter(QueryDict(posted.get("query", "")), employee)
        return filters.narrow(clients)
    keys = []
    for text in posted.getlist("client")[: MOST + 1]:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return clients.filter(public_id__in=keys)


def drift(posted: QueryDict, count: int) -> str:
    """Why not all that match are changed, as a sentence: they are not as many as were shown.

    '' where they are, and where single clients were ticked.
    """
    expected = posted.get("expected", "")
    if "everything" not in posted or not expected.isdecimal() or int(expected[:9]) == count:
        return ""
    sentence = _(
        "%(count)s clients match now; it was %(expected)s when you chose. Nothing was changed: look again, then confirm."
    )
    return sentence % {"count": count, "expected": expected[:9]}


@transaction.atomic
def start(
    *,
    clients: Collection[int],
    action: str,
    target: Tag | Segment,
    reason: str,
    by: Employee,
    until: date | None = None,
) -> Job:
    """Keep what is asked for and queue it; see ``keep``."""
    change = keep(clients=clients, action=action, target=target, reason=reason, by=by, until=until)
    title = f"{change} ({len(clients)})"
    return jobs.start(kind=KIND, title=title, by=by, options={"change": change.pk})


def keep(
    *,
    clients: Collection[int],
    action: str,
    target: Tag | Segment,
    reason: str,
    by: Employee,
    until: date | None = None,
) -> BulkChange:
    """Keep what is asked for, before it is done. ``clients`` are keys that ``by`` may edit;
    ``until`` is the last day of a pin.

    Raises ValidationError for none or too many.
    """
    if not clients:
        raise ValidationError(_("Choose at least one client."))
    if len(clients) > MOST:
        raise ValidationError(
            _("At most %(most)s clients at once: narrow the list first.") % {"most": MOST}
        )
    change = BulkChange.objects.create(
        action=action,
        tag=target if isinstance(target, Tag) else None,
        segment=target if isinstance(target, Segment) else None,
        until=until,
        reason=reason,
        employee=by,
    )
    BulkChangeItem.objects.bulk_create(
        [BulkChangeItem(change=change, client_id=pk) for pk in sorted(clients)], batch_size=1000
    )
    return change


@transaction.atomic
def undo(*, change: BulkChange, by: Employee) -> Job:
    """Queue taking a change back. Raises ValidationError when a day has passed or it was done."""
    kept = take(change)
    title = _("Taking back: %(change)s") % {"change": kept}
    return jobs.start(kind=UNDO_KIND, title=title, by=by, options={"change": kept.pk})


def take(change: BulkChange) -> BulkChange:
    """The change, locked and marked as taken back. Raises ValidationError as ``undo`` does."""
    kept = BulkChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if kept.undone_at is not None:
        raise ValidationError(_("This change has been taken back already."))
    if kept.asked_at < timezone.now() - UNDO_FOR:
        raise ValidationError(_("A change can be taken back for 24 hours only."))
    kept.undone_at = timezone.now()
    kept.save(update_fields=["undone_at"])
    return kept


def run(running: jobs.Running) -> dict[str, Any]:
    """The job: every client that still waits."""
    change = BulkChange.objects.select_related("tag", "segment", "employee").get(
        pk=running.job.options["change"]
    )
    return _work(running, change, State.ASKED, _do)


def run_undo(running: jobs.Running) -> dict[str, Any]:
    """The job of an undo; values changed by others since are kept."""
    change = BulkChange.objects.select_related("tag", "segment", "employee").get(
        pk=running.job.options["change"]
    )
    return _work(running, change, State.DONE, _take_back)


def _work(running: jobs.Running, change: BulkChange, waiting: str, act: Any) -> dict[str, Any]:
    total = change.items.count()
    for done, item in enumerate(_items(change, waiting), 1):
        with transaction.atomic():
            name_employee(change.employee)
            item.state = act(change, item)
            item.save(update_fields=["state", "before"])
        if done % _BATCH == 0:
            running.progress(done, total)
    running.progress(total, total)
    counted = change.items.order_by().values_list("state").annotate(n=Count("pk"))
    return {"change": change.pk, "counts": dict(counted)}


def _items(change: BulkChange, state: str) -> Iterator[BulkChangeItem]:
    keys = list(change.items.filter(state=state).values_list("pk", flat=True))
    for start_at in range(0, len(keys), _BATCH):
        rows = change.items.filter(pk__in=keys[start_at : start_at + _BATCH])
        yield from rows.select_related("client__branch")


def _do(change: BulkChange, item: BulkChangeItem) -> str:
    if not Client.objects.editable_by(change.employee).filter(pk=item.client_id).exists():
        return State.REFUSED  # handed over since it was asked for
    client = lock(item.client_id)
    if change.segment is not None:
        return _pin(change, item, client)
    tags = ClientTag.objects.filter(client=client, tag=change.tag)
    if change.action == Action.UNTAG:
        return State.DONE if tags.delete()[0] else State.SAME
    _row, made = ClientTag.objects.get_or_create(
        client=client, tag=change.tag, defaults={"added_by": change.employee}
    )
    return State.DONE if made else State.SAME


def segment_before(client: Client) -> dict[str, Any]:
    """What an undo needs of the segment of a client."""
    until = client.segment_pinned_until
    return {
        "segment": client.segment_id,
        "pinned": client.segment_pinned,
        "reason": client.segment_reason,
        "until": until.isoformat() if until else None,
    }


def _pin(change: BulkChange, item: BulkChangeItem, client: Client) -> str:
    assert change.segment is not None  # noqa: S101 - asked by the caller
    same = client.segment_pinned and client.segment_id == change.segment_id
    if same and client.segment_pinned_until == change.until:
        return State.SAME
    if change.until and change.until < today():
        return State.REFUSED  # the job waited for too long
    if not segments_for(client.branch).filter(pk=change.segment.pk).exists():
        return State.REFUSED
    item.before = segment_before(client)
    pin_segment(
        client=client,
        segment=change.segment,
        reason=change.reason,
        by=change.employee,
        until=change.until,
    )
    return State.DONE


def _take_back(change: BulkChange, item: BulkChangeItem) -> str:
    if not Client.objects.editable_by(change.employee).filter(pk=item.client_id).exists():
        return State.REFUSED
    client = lock(item.client_id)
    tags = ClientTag.objects.filter(client=client, tag=change.tag)
    if change.action == Action.TAG:
        tags.delete()
    elif change.action == Action.UNTAG:
        ClientTag.objects.get_or_create(
            client=client, tag=change.tag, defaults={"added_by": change.employee}
        )
    elif not client.segment_pinned or client.segment_id != change.segment_id:
        return State.REFUSED  # somebody decided otherwise since
    elif item.before["pinned"]:
        before = Segment.objects.get(pk=item.before["segment"])
        until = item.before["until"] and date.fromisoformat(item.before["until"])
        pin_segment(
            client=client,
            segment=before,
            reason=item.before["reason"],
            by=change.employee,
            until=max(until, today()) if until else None,
        )
    else:
        reason = _("Taken back: %(reason)s") % {"reason": change.reason}
        unpin_segment(client=client, reason=reason[:200], by=change.employee)
    return State.UNDONE
