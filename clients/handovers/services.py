"""Hand-over of clients: requested, approved, and done on its day in one transaction (D-28).

Service history and attribution stay: the open ``serves`` row ends and the next begins; who won a
client is never touched. Rooms above move what belongs to them in ``operations.hand_over``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.handovers import sharing
from clients.handovers.moving import lock, move
from clients.handovers.sharing import Distribution
from clients.models import Assignment, Client, HandOver, HandOverItem
from clients.notification_kinds import HAND_OVER
from crm.localized import listed
from crm.reasons import clean_reason
from crm.trading_days import today
from staff.middleware import name_employee
from staff.models import HEADS, Employee
from staff.notifications.services import Line, notify

State = HandOver.State
# Tries, one a minute, before a hand-over that fails is given up and its people are told.
MOST_ATTEMPTS = 5
# Clients of another hand-over whose names a refusal says.
NAMED = 10


@dataclass(frozen=True)
class HandOverRequest:
    """A hand-over as entered.

    ``origin``: ``None`` where nobody is in charge. ``clients``: keys; ``None`` means all clients of
    ``origin``. ``together``: households stay together. ``leave_out``: clients who are part of another
    hand-over that is not done yet.
    """

    origin: Employee | None
    receivers: Sequence[Employee]
    rule: str
    effective_on: date
    departing: bool
    reason: str
    note: str
    clients: Collection[int] | None
    together: bool = True
    leave_out: bool = False


def distribute(*, requested: HandOverRequest, by: Employee) -> Distribution:
    """Pairs of client and receiver, nothing saved. Raises ValidationError for invalid requests."""
    if requested.effective_on < today():
        raise ValidationError({"effective_on": _("This day has passed: choose a later one.")})
    if not requested.receivers:
        raise ValidationError({"receivers": _("Choose who takes over.")})
    for person in requested.receivers:
        if person == requested.origin:
            raise ValidationError(
                {"receivers": _("%(name)s serves these clients already.") % {"name": person}}
            )
        if fault := _unfit(person):
            raise ValidationError({"receivers": fault})
    if requested.departing and requested.origin is None:
        raise ValidationError({"departing": _("Choose who leaves above.")})
    rows = Client.objects.editable_by(by).filter(served_by(requested.origin))
    if requested.clients is not None:
        rows = rows.filter(pk__in=requested.clients)
    taken = _taken(rows.values("pk"))
    if requested.leave_out:
        rows = rows.exclude(pk__in=taken.order_by().values("client"))
    else:
        _refuse_taken(taken)
    clients = list(rows.select_related("segment").order_by("name_pinyin", "pk"))
    if not clients:
        raise ValidationError(_("There is no client to hand over."))
    return sharing.distribute(
        clients,
        list(requested.receivers),
        requested.rule,
        sharing.loads([client.pk for client in clients]),
        together=requested.together,
    )


def _taken(clients: Any) -> QuerySet[HandOverItem]:
    """What other hand-overs that are not done yet say of these clients."""
    rows = HandOverItem.objects.filter(
        client__in=clients, hand_over__state__in=[State.ASKED, State.APPROVED]
    )
    return rows.select_related("client").order_by("client__name_pinyin", "pk")


def _refuse_taken(taken: QuerySet[HandOverItem]) -> None:
    """Raise ValidationError, with the code ``taken``, that names the first clients of others."""
    found = list(taken[: NAMED + 1])
    if not found:
        return
    names = listed(item.client.salutation for item in found[:NAMED])
    if len(found) <= NAMED:
        sentence = _("Part of another hand-over that is not done yet: %(names)s.")
    else:
        sentence = _("Part of another hand-over that is not done yet: %(names)s … (%(n)s in all).")
    numbers = {"names": names, "n": taken.count()}
    raise ValidationError(sentence % numbers, code="taken")


def served_by(origin: Employee | None) -> Q:
    """Clients of ``origin``; of one who has left, those served on the last day and unassigned."""
    book = Q(manager=origin)
    if origin is None or origin.is_active or origin.left_on is None:
        return book
    last = Assignment.objects.filter(
        employee=origin, kind=Assignment.Kind.SERVES, valid_to__gte=origin.left_on
    )
    return book | Q(manager=None, pk__in=last.values("client"))


def check_receiver(person: Employee) -> None:
    """Raise ValidationError for an employee who may not take over clients."""
    if fault := _unfit(person):
        raise ValidationError(fault)


def _unfit(person: Employee) -> str:
    if not person.is_active:
        return _("%(name)s has left.") % {"name": person}
    if not person.may_own_clients:
        return _("%(name)s may not own clients.") % {"name": person}
    return _("%(name)s works in no branch.") % {"name": person} if person.branch is None else ""


@transaction.atomic
def ask(*, requested: HandOverRequest, by: Employee) -> HandOver:
    """Distribute the clients and save the hand-over; it waits for a head's approval."""
    return save(requested=requested, distribution=distribute(requested=requested, by=by), by=by)


@transaction.atomic
def save(*, requested: HandOverRequest, distribution: Distribution, by: Employee) -> HandOver:
    """Save a hand-over with a given distribution and notify the heads who may decide.

    Raises ValidationError where one of the clients is part of another hand-over.
    """
    # A concurrent request for the same clients waits here, then sees this one.
    lock([client.pk for client, _receiver in distribution])
    _refuse_taken(_taken([client.pk for client, _receiver in distribution]))
    asked = HandOver.objects.create(
        origin=requested.origin,
        rule=requested.rule,
        together=requested.together,
        effective_on=requested.effective_on,
        whole_book=requested.clients is None and requested.origin is not None,
        departing=requested.departing,
        reason=requested.reason,
        note=requested.note,
        asked_by=by,
    )
    HandOverItem.objects.bulk_create(
        [
            HandOverItem(hand_over=asked, client=c, receiver=receiver)
            for c, receiver in distribution
        ],
        batch_size=1000,
    )
    if not HandOver.objects.decidable_by(by).filter(pk=asked.pk).exists():
        _tell(asked, _deciders(asked), len(distribution))
    return asked


def _deciders(row: HandOver) -> list[int]:
    """The heads of the manager's branch and of those above; superusers if there are none."""
    branch = (row.origin or row.asked_by).branch
    above = branch.ancestor_ids if branch else []
    people = Employee.objects.filter(is_active=True).order_by("pk")
    heads = people.filter(Q(role__in=HEADS, branch__in=above))
    keys = list(heads.values_list("pk", flat=True)[:20])
    return keys or list(people.filter(is_superuser=True).values_list("pk", flat=True)[:20])


@transaction.atomic
def approve(*, asked: HandOver, by: Employee) -> HandOver:
    """Approve a hand-over; it is done on its day, at once if that has come.

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
    from clients.handovers.tasks import run_hand_over

    run_hand_over.delay(pk)


@transaction.atomic
def ask_and_approve(*, requested: HandOverRequest, by: Employee) -> HandOver:
    """Ask and approve in one step, for a head who may decide; otherwise nothing is saved."""
    return approve(asked=ask(requested=requested, by=by), by=by)


@transaction.atomic
def refuse(*, asked: HandOver, by: Employee, reason: str) -> None:
    """Refuse a hand-over, with a reason."""
    reason = clean_reason(reason, field=None)
    row = _undecided(asked, by)
    _end(row, State.REFUSED, by, reason)


@transaction.atomic
def cancel(*, asked: HandOver, by: Employee) -> None:
    """Cancel a hand-over that is not done yet: by its requester, or by a head who may decide."""
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
    more stops it all: the row says so, and the requester is notified.
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
        if row.whole_book:
            _add_newcomers(row)
        with pghistory.context(employee=row.decided_by_id, hand_over=row.pk):
            moved = move(row)
        row.state, row.done_at = State.DONE, timezone.now()
        row.save(update_fields=["state", "done_at"])
        _tell(row, [row.asked_by_id, *(person.pk for person in people)], len(moved))
        return True


def failed(pk: int) -> None:
    """Count a failed attempt; after some the hand-over fails and its employees are notified."""
    with transaction.atomic():
        rows = HandOver.objects.select_for_update(of=("self",))
        row = rows.filter(pk=pk, state=State.APPROVED).first()
        if row is None:
            return
        row.attempts += 1
        if row.attempts >= MOST_ATTEMPTS:
            row.state = State.FAILED
            row.answer = _("It broke off. Tell who runs this system, then ask anew.")
            _tell(row, [key for key in (row.asked_by_id, row.decided_by_id) if key], 0)
        row.save(update_fields=["attempts", "state", "answer"])


def _add_newcomers(row: HandOver) -> None:
    """Add clients assigned to the origin since the request, first to receivers with the fewest."""
    assert row.decided_by is not None  # noqa: S101 - it was approved
    book = Client.objects.editable_by(row.decided_by).filter(served_by(row.origin))
    new = book.exclude(pk__in=row.items.order_by().values("client"))
    keys = list(new.order_by("pk").values_list("pk", flat=True))
    lock(keys)
    others = HandOverItem.objects.filter(hand_over__state__in=[State.ASKED, State.APPROVED])
    clients = new.filter(pk__in=keys).exclude(pk__in=others.order_by().values("client"))
    shared = row.items.select_related("receiver__branch").order_by("pk")
    people = {item.receiver_id: item.receiver for item in shared}
    count = Counter(item.receiver_id for item in shared)
    going = {item.client_id: item.receiver for item in shared}
    of = sharing.loads([*going, *keys])
    distribution = sharing.distribute(
        list(clients.select_related("segment").order_by("name_pinyin", "pk")),
        [people[key] for key in sorted(people, key=lambda key: (count[key], key))],
        row.rule,
        of,
        together=row.together,
        given={of.households[key]: person for key, person in going.items() if key in of.households},
    )
    HandOverItem.objects.bulk_create(
        [HandOverItem(hand_over=row, client=c, receiver=receiver) for c, receiver in distribution],
        batch_size=1000,
    )


def _tell(row: HandOver, people: Sequence[int], count: int) -> None:
    """A line in the inboxes: what became of it, without a client's name."""
    params = {"state": row.state, "count": count, "name": row.giver}
    key, url = f"hand_over:{row.pk}:{row.state}", row.get_absolute_url()
    notify(HAND_OVER, [Line(pk, f"{key}:{pk}", params, url) for pk in set(people)])
