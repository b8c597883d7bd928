"""Where prospects and new clients came from, and the QR codes that managers carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from clients.models import Lifecycle, Source
from crm.trading_days import today
from demo.bulk import copy_rows
from demo.people import Person
from pipeline.capture import qr_codes
from pipeline.models import Channel, Lead

LEAD = ("client_id", "channel_id", "campaign_id", "via", "employee_id", '"on"', "at")
# Of ten prospects so many came by the form behind a code.
BY_FORM = 0.15
CODES = 12
# Met where the branch has its stand; nobody comes from a channel by family, friends or referral.
_BY_CHANNEL = {Source.CHANNEL, Source.LEAFLET, Source.DIRECT, Source.WALK_IN}
_ONLINE = {Source.CHANNEL, Source.DIRECT}


def write_leads(people: list[Person], random: Random) -> None:
    """COPY the origin of prospects and of those who opened within a year; make some codes."""
    channels: dict[int | None, list[int]] = defaultdict(list)
    for pk, branch in Channel.objects.order_by("pk").values_list("pk", "branch"):
        channels[branch].append(pk)
    copy_rows(Lead, LEAD, _leads(people, channels, random))
    managers = {person.manager.pk: person.manager for person in people if person.manager}
    for pk in sorted(managers)[:CODES]:
        qr_codes.make(employee=managers[pk], valid_until=today() + timedelta(days=90))


def _leads(
    people: list[Person], channels: dict[int | None, list[int]], random: Random
) -> Iterator[tuple[Any, ...]]:
    year = today() - timedelta(days=365)
    for person in people:
        young = person.opened_on is not None and person.opened_on > year
        if person.manager is None or not (person.lifecycle == Lifecycle.PROSPECT or young):
            continue
        near = channels[person.manager.branch_id] or channels[None]
        by_form = random.random() < BY_FORM
        # A code is scanned at a stand or on a page of the firm.
        some = channels[None] if by_form and person.source in _ONLINE else near
        by_channel = some and person.source in _BY_CHANNEL
        yield (
            person.id,
            random.choice(some) if by_channel else None,
            None,
            Lead.Via.PUBLIC_FORM if by_form and by_channel else Lead.Via.QUICK,
            person.manager.pk,
            person.recorded_on,
            timezone.make_aware(datetime.combine(person.recorded_on, time(10, 15))),
        )
