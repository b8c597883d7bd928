"""Undo of a hand-over: a hand-over in the opposite direction, approved by a head like any other."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.handovers.services import HandOverRequest, check_receiver, save
from clients.models import Client, HandOver, HandOverItem
from crm.trading_days import today
from staff.models import Employee

UNDO_FOR = timedelta(hours=24)


def may_undo(row: HandOver, by: Employee) -> bool:
    """Whether ``by`` requested or may decide on the hand-over, and it was done within 24 hours.

    Clients of whom nobody was in charge cannot go back to nobody.
    """
    if row.state != HandOver.State.DONE or not row.done_at or row.origin_id is None:
        return False
    if row.done_at < timezone.now() - UNDO_FOR:
        return False
    return row.asked_by_id == by.pk or HandOver.objects.decidable_by(by).filter(pk=row.pk).exists()


@transaction.atomic
def request_undo(*, done: HandOver, by: Employee) -> list[HandOver]:
    """Request the return of clients who are still with their receiver: one hand-over per receiver.

    Raises ValidationError where it is too late, where the former manager may not serve clients any
    more, and where nobody is left to go back.
    """
    row = HandOver.objects.select_for_update(of=("self",)).get(pk=done.pk)
    if not may_undo(row, by):
        raise ValidationError(_("A hand-over can be taken back for 24 hours only."))
    origin = row.origin
    assert origin is not None  # noqa: S101 - else it could not be undone
    check_receiver(origin)
    items = row.items.filter(state=HandOverItem.State.DONE, client__merged_into=None)
    mine: dict[Employee, list[Client]] = defaultdict(list)
    for item in items.filter(client__manager=F("receiver")).select_related("client", "receiver"):
        mine[item.receiver].append(item.client)
    if not mine:
        raise ValidationError(_("None of these clients is still with who took them over."))
    reason = _("Taken back: %(reason)s") % {"reason": row.reason}
    return [
        save(
            requested=HandOverRequest(
                origin=receiver,
                receivers=[origin],
                rule=HandOver.Rule.EVEN,
                effective_on=today(),
                departing=False,
                reason=reason[:200],
                note="",
                clients=[client.pk for client in clients],
            ),
            distribution=[(client, origin) for client in clients],
            by=by,
        )
        for receiver, clients in mine.items()
    ]
