"""Hand-over of clients: asked for, approved, and done on its day in one transaction (D-28).

Service history and attribution stay: the open ``serves`` row ends and the next begins; who won a
client is never touched. Rooms above move what belongs to them in ``operations.hand_over``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.classification import classify
from clients.models import Assignment, Client, HandOver, HandOverItem
from crm.operations import ClientsHandedOver, hand_over
from crm.trading_days import today
from staff.middleware import name_employee
from staff.models import Employee, Notification

State = HandOver.State
Rule = HandOver.Rule


@dataclass(frozen=True)
class Wish:
    """A hand-over as typed; ``clients`` (keys) of None means the whole book, no key means none."""

    origin: Employee
    receivers: Sequence[Employee]
    rule: str
    effective_on: date
    departing: bool
    reason: str
    note: str
    clients: Collection[int] | None


def share(*, wish: Wish, by: Employee) -> list[tuple[Client, Employee]]:
    """Who would get whom. Raises ValidationError with a sentence for what cannot be."""
    if wish.effective_on < today():
        raise ValidationError({"effective_on": _("This day has passed: choose a later one.")})
    if not wish.receivers:
        raise ValidationError({"receivers": _("Choose who takes over.")})
    for person in wish.receivers:
        if person == wish.origin:
            raise ValidationError(
                {"receivers": _("%(name)s serves these clients already.") % {"name": person}}
            )
        if fault := _unfit(person):
            raise ValidationError({"receivers": fault})
    rows = Client.objects.editable_by(by).filter(_served_by(wish.origin))
    if wish.clients is not None:
        rows = rows.filter(pk__in=wish.clients)
    clients = list(rows.select_related("segment").order_by("name_pinyin", "pk"))
    if not clients:
        raise ValidationError(_("There is no client to hand over."))
    return _deal(clients, list(wish.receivers), wish.rule)


def _served_by(origin: Employee) -> Q:
    """The book; of somebody who has left, what they served on the last day and nobody serves."""
    book = Q(manager=origin)
    if origin.is_active or origin.left_on is None:
        return book
    last = Assignment.objects.filter(
        employee=origin, kind=Assignment.Kind.SERVES, valid_to__gte=origin.left_on
    )
    return book | Q(manager=None, pk__in=last.values("client"))


def _deal(
    clients: list[Client], receivers: list[Employee], rule: str
) -> list[tuple[Client, Employee]]:
    """Deal clients out in turn: over all, within each tier, or within each branch."""

    def part(client: Client) -> int:
        if rule == Rule.TIER:
            return int(client.segment.tier)
        return client.branch_id if rule == Rule.BRANCH else 0

    dealt: list[tuple[Client, Employee]] = []
    turns: dict[int, cycle[Employee]] = {}
    for client in sorted(clients, key=part):
        key = part(client)
        if key not in turns:
            near = [person for person in receivers if person.branch_id == client.branch_id]
            chosen = near if rule == Rule.BRANCH and near else receivers
            # Each part begins with whoever the last one stopped before: nobody always gets the odd one.
            start = len(dealt) % len(chosen) if rule == Rule.TIER else 0
            turns[key] = cycle([*chosen[start:], *chosen[:start]])
        dealt.append((client, next(turns[key])))
    return dealt


def _unfit(person: Employee) -> str:
    if not person.is_active:
        return _("%(name)s has left.") % {"name": person}
    if not person.may_own_clients:
        return _("%(name)s may not own clients.") % {"name": person}
    return _("%(name)s works in no branch.") % {"name": person} if person.branch is None else ""


@transaction.atomic
def ask(*, wish: Wish, by: Employee) -> HandOver:
    """Keep a hand-over with who gets whom; it waits for a head's approval."""
    dealt = share(wish=wish, by=by)
    # Whoever asks for the same clients at this moment waits here, then sees what was asked.
    _lock([client.pk for client, _receiver in dealt])
    taken = HandOverItem.objects.filter(
        client__in=[client.pk for client, _receiver in dealt],
        hand_over__state__in=[State.ASKED, State.APPROVED],
    ).select_related("client")
    if first := taken.first():
        raise ValidationError(
            _("%(name)s is part of another hand-over that is not done yet.")
            % {"name": first.client.address}
        )
    asked = HandOver.objects.create(
        origin=wish.origin,
        rule=wish.rule,
        effective_on=wish.effective_on,
        departing=wish.departing,
        reason=wish.reason,
        note=wish.note,
        asked_by=by,
    )
    HandOverItem.objects.bulk_create(
        [HandOverItem(hand_over=asked, client=c, receiver=receiver) for c, receiver in dealt],
        batch_size=1000,
    )
    return asked


def _lock(keys: Any) -> None:
    rows = Client.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk", flat=True))


@transaction.atomic
def approve(*, asked: HandOver, by: Employee) -> HandOver:
    """Let it happen on its day, at once if that has come.

    A head may approve what they asked for themselves: they answer for their branch either way, and
    the row names both. Raises ValidationError where it was decided already.
    """
    row = _undecided(asked, by)
    row.state = State.APPROVED
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    if row.effective_on <= today():
        transaction.on_commit(lambda: _hint(row.pk), robust=True)
    return row


def _hint(pk: int) -> None:
    from clients.tasks import run_hand_over

    run_hand_over.delay(pk)


@transaction.atomic
def refuse(*, asked: HandOver, by: Employee, reason: str) -> None:
    """Say no, and why."""
    if not reason.strip():
        raise ValidationError(_("Say why."))
    row = _undecided(asked, by)
    _end(row, State.REFUSED, by, reason.strip())


@transaction.atomic
def cancel(*, asked: HandOver, by: Employee) -> None:
    """Take back what is not done yet: by whoever asked, or a head who may decide."""
    row = HandOver.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    decides = HandOver.objects.decidable_by(by).filter(pk=row.pk).exists()
    if row.state not in {State.ASKED, State.APPROVED} or not (row.asked_by_id == by.pk or decides):
        raise ValidationError(_("This hand-over can no longer be taken back."))
    _end(row, State.CANCELLED, by, "")


def _undecided(asked: HandOver, by: Employee) -> HandOver:
    rows = HandOver.objects.decidable_by(by).select_for_update(of=("self",))
    row = rows.filter(pk=asked.pk).first()
    if row is None or row.state != State.ASKED:
        raise ValidationError(_("This hand-over has been decided already."))
    return row


def _end(row: HandOver, state: str, by: Employee, answer: str) -> None:
    row.state, row.answer = state, answer[:300]
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    _tell(row, [row.asked_by_id], 0)


def due() -> list[int]:
    """Approved hand-overs whose day has come."""
    rows = HandOver.objects.filter(state=State.APPROVED, effective_on__lte=today())
    return list(rows.order_by("pk").values_list("pk", flat=True))


def run(pk: int) -> bool:
    """Do an approved hand-over whose day has come, whole or not at all; returns whether it was.

    Clients that somebody else serves by now are left out; those of a manager who left before the
    day, whom nobody serves, are not. A receiver who may not own clients any
    more stops it all: the row says so, and whoever asked is told.
    """
    with transaction.atomic():
        rows = HandOver.objects.select_for_update(of=("self",))
        row = rows.filter(pk=pk, state=State.APPROVED, effective_on__lte=today()).first()
        if row is None:
            return False
        name_employee(row.decided_by)
        # Locked, so that nobody leaves while clients are given to them.
        people = list(
            Employee.objects.filter(pk__in=row.items.order_by().values("receiver"))
            .select_related("branch")
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )
        faults = [fault for fault in map(_unfit, people) if fault]
        if faults:
            row.state, row.answer = State.FAILED, " ".join(faults)[:300]
            row.save(update_fields=["state", "answer"])
            _tell(row, [row.asked_by_id], 0)
            return False
        with pghistory.context(employee=row.decided_by_id, hand_over=row.pk):
            moved = _move(row)
        row.state, row.done_at = State.DONE, timezone.now()
        row.save(update_fields=["state", "done_at"])
        _tell(row, [row.asked_by_id, *(person.pk for person in people)], len(moved))
        return True


_SKIP = """
UPDATE clients_handoveritem i SET state = 'skipped'
FROM clients_client c
WHERE i.hand_over_id = %(pk)s AND c.id = i.client_id
  AND (c.merged_into_id IS NOT NULL
       OR c.manager_id IS DISTINCT FROM %(origin)s AND NOT (c.manager_id IS NULL AND %(left)s))
"""
_END_SERVICE = """
UPDATE clients_assignment a SET valid_to = GREATEST(a.valid_from, %(today)s)
FROM clients_handoveritem i
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting' AND a.client_id = i.client_id
  AND a.kind = 'serves' AND a.valid_to IS NULL
"""
_BEGIN_SERVICE = """
INSERT INTO clients_assignment (client_id, employee_id, kind, valid_from, reason)
SELECT i.client_id, i.receiver_id, 'serves', %(today)s, %(reason)s
FROM clients_handoveritem i
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting'
"""
_SERVE = """
UPDATE clients_client c
SET manager_id = i.receiver_id, branch_id = e.branch_id, version = c.version + 1,
    updated_at = %(now)s
FROM clients_handoveritem i JOIN staff_employee e ON e.id = i.receiver_id
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting' AND c.id = i.client_id
RETURNING c.id
"""
# Those merged into a client are seen by whoever serves it now.
_FOLLOW = """
UPDATE clients_client m SET manager_id = c.manager_id, branch_id = c.branch_id
FROM clients_client c
WHERE m.merged_into_id = c.id AND c.id = ANY (%(moved)s)
"""
_DONE = """
UPDATE clients_handoveritem SET state = 'done' WHERE hand_over_id = %(pk)s AND state = 'waiting'
"""


def _move(row: HandOver) -> list[int]:
    """One statement per table, however large the book is; then the rooms above."""
    _lock(row.items.order_by().values("client"))
    values: dict[str, Any] = {
        "pk": row.pk,
        "origin": row.origin_id,
        "left": not row.origin.is_active,
        "today": today(),
        "now": timezone.now(),
        "reason": row.reason,
    }
    with connection.cursor() as cursor:
        for statement in (_SKIP, _END_SERVICE, _BEGIN_SERVICE):
            cursor.execute(statement, values)
        cursor.execute(_SERVE, values)
        moved = [key for (key,) in cursor.fetchall()]
        cursor.execute(_FOLLOW, {"moved": moved})
        cursor.execute(_DONE, values)
    classify(clients=moved)
    hand_over.run(
        ClientsHandedOver(
            clients=moved,
            origin=row.origin,
            departing=row.departing,
            key=row.pk,
            by=row.decided_by,
        )
    )
    return moved


def _tell(row: HandOver, people: Sequence[int], count: int) -> None:
    """A line in the inboxes: what became of it, without a client's name."""
    Notification.objects.bulk_create(
        [
            Notification(
                employee_id=pk,
                kind=Notification.Kind.HAND_OVER,
                key=f"hand_over:{row.pk}:{row.state}:{pk}",
                params={"state": row.state, "count": count, "name": str(row.origin)},
                url=row.get_absolute_url(),
            )
            for pk in set(people)
        ],
        ignore_conflicts=True,
    )
