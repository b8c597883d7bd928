"""Channels and what was done in them, events with their guests, and thanks for referrals."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

from clients.models import Consent, Lifecycle
from clients.models.consent import Purpose
from crm.trading_days import add, on_or_after, today
from demo.bulk import copy_rows
from demo.firm import Firm
from demo.people import Person
from pipeline.models import (
    Campaign,
    Channel,
    ChannelEntry,
    ChannelKind,
    Invitation,
    Lead,
    Thanks,
)
from staff.models import Branch, Employee
from visits.models import Occasion

ENTRY = ("channel_id", "employee_id", '"on"', "visits", "leaflets", "cost", "note", "at")
THANKS = ("referrer_id", "referred_id", "how", '"on"', "note", "employee_id", "at")
CHANNELS = (
    ("工商银行{}支行", ChannelKind.BANK, "个金部 王主任"),
    ("{}花园社区", ChannelKind.COMMUNITY, "居委会 李书记"),
    ("{}科技园", ChannelKind.EMPLOYER, "工会 周老师"),
)
FIRM_CHANNELS = (("官网与公众号", ChannelKind.ONLINE), ("抖音投教直播", ChannelKind.ONLINE))
NOTES = ("", "", "网点驻点半天", "社区投教讲座", "发放宣传折页", "与渠道负责人沟通")
GIFTS = ("", "", "赠送投教书籍一本", "电话致谢", "节日问候时致谢")
# So many are invited to an event, at most.
GUESTS = 40
# Of them to the next one, so far.
COMING = 32
PLACES = 20
# Of those who came to the last event so many are still to be called.
TO_CALL = 2


def write_channels(firm: Firm, random: Random) -> None:
    """Make channels of each branch and COPY a quarter's work in them."""
    Channel.objects.bulk_create(Channel(name=name, kind=kind) for name, kind in FIRM_CHANNELS)
    made = Channel.objects.bulk_create(
        Channel(branch=branch, name=name.format(branch.name_zh[:2]), kind=kind, partner=partner)
        for branch in firm.branches
        for name, kind, partner in CHANNELS
    )
    near: dict[int, list[Channel]] = defaultdict(list)
    for channel in made:
        near[channel.branch_id or 0].append(channel)
    copy_rows(ChannelEntry, ENTRY, _entries(firm, near, random))


def _entries(
    firm: Firm, near: dict[int, list[Channel]], random: Random
) -> Iterator[tuple[Any, ...]]:
    for branch, servers in zip(firm.branches, firm.servers, strict=True):
        for employee in servers:
            day = today() - timedelta(days=random.randrange(1, 8))
            while day > today() - timedelta(days=90):
                leaflets = random.choice([0, 0, 30, 50, 80, 120])
                yield (
                    random.choice(near[branch.pk]).pk,
                    employee.pk,
                    day,
                    random.randint(1, 3),
                    leaflets,
                    Decimal(random.choice([0, 0, 60, 120, 300])),
                    random.choice(NOTES),
                    timezone.make_aware(datetime.combine(day, time(17, 40))),
                )
                day -= timedelta(days=random.randrange(5, 14))


def write_campaigns(people: list[Person], firm: Firm, random: Random) -> None:
    """In the first branch of each branch company an evening that took place and one to come."""
    willing = set(
        Consent.objects.filter(
            purpose=Purpose.MARKETING, withdrawn_on=None, client__calls_refused=False
        ).values_list("client", flat=True)
    )
    first: dict[int | None, int] = {}
    for place, branch in enumerate(firm.branches):
        first.setdefault(branch.parent_id, place)
    for place in first.values():
        branch, servers = firm.branches[place], firm.servers[place]
        if not servers:
            continue
        book = [p for p in people if p.branch_id == branch.pk and p.manager is not None]
        guests = [p for p in book if p.id in willing and p.is_open][:GUESTS]
        _held(branch, servers[0], book, guests, random)
        _planned(branch, servers[0], guests[:COMING], random)


def _campaign(branch: Branch, by: Employee, name: str, day: date, **more: Any) -> Campaign:
    begins = timezone.make_aware(datetime.combine(day, time(14)))
    return Campaign.objects.create(
        branch=branch,
        name=name,
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        place=f"{branch.name_zh}三楼会议室",
        capacity=PLACES,
        channel=Channel.objects.filter(branch=branch).order_by("pk").last(),
        created_by=by,
        **more,
    )


def _held(
    branch: Branch, by: Employee, book: list[Person], guests: list[Person], random: Random
) -> None:
    """Those who came are called; a few new prospects stem from it."""
    day = on_or_after(today() - timedelta(days=24))
    held = _campaign(
        branch, by, "秋季投资策略报告会", day, cost=Decimal(6800), state=Campaign.State.HELD
    )
    rows = []
    for place, person in enumerate(guests):
        reply = "yes" if place < PLACES - 4 else random.choice(["no", "", "no"])
        came = reply == "yes" and random.random() < 0.75
        at = held.starts_at + timedelta(minutes=random.randrange(0, 40))
        rows.append(_invitation(held, person, reply, day - timedelta(days=4), at if came else None))
    Invitation.objects.bulk_create(rows)
    present = [row for row in rows if row.checked_in_at]
    Occasion.objects.bulk_create(
        Occasion(
            client_id=row.client_id,
            kind=Occasion.Kind.EVENT,
            happened_on=day,
            note=held.name,
            source_key=f"campaign:{held.pk}:{row.client_id}",
            noted_by=by,
        )
        for row in present[:TO_CALL]
    )
    newcomers = [p for p in book if p.recorded_on >= day and p.lifecycle != Lifecycle.CLOSED]
    newcomers.sort(key=lambda person: (person.lifecycle != Lifecycle.PROSPECT, person.id))
    for person in [*newcomers[:4], *newcomers[-1:]]:
        assert person.manager is not None  # noqa: S101
        Lead.objects.update_or_create(
            client_id=person.id,
            defaults={
                "channel_id": held.channel_id,
                "campaign": held,
                "via": Lead.Via.CHECK_IN,
                "employee": person.manager,
                "on": person.recorded_on,
            },
        )


def _planned(branch: Branch, by: Employee, guests: list[Person], random: Random) -> None:
    """More want to come than there are places."""
    day = add(today(), 6)
    coming = _campaign(branch, by, "高净值客户资产配置沙龙", day, cost=Decimal(9500))
    free = PLACES
    rows = []
    for person in guests:
        reply = random.choices(["yes", "no", ""], [65, 12, 23])[0]
        if reply == "yes":
            free -= 1
            reply = "yes" if free >= 0 else "waiting"
        rows.append(_invitation(coming, person, reply, today() - timedelta(days=2), None))
    Invitation.objects.bulk_create(rows)


def _invitation(
    campaign: Campaign, person: Person, reply: str, day: date, here: datetime | None
) -> Invitation:
    assert person.manager is not None  # noqa: S101
    return Invitation(
        campaign=campaign,
        client_id=person.id,
        invited_by=person.manager,
        invited_on=day - timedelta(days=3),
        reply=reply,
        replied_on=day if reply else None,
        replied_at=timezone.make_aware(datetime.combine(day, time(10))) if reply else None,
        checked_in_at=here,
    )


def write_thanks(people: list[Person], random: Random) -> None:
    """COPY thanks for most of the clients whom others brought."""
    copy_rows(Thanks, THANKS, _thanks(people, random))


def _thanks(people: list[Person], random: Random) -> Iterator[tuple[Any, ...]]:
    for person in people:
        if person.referred_by is None or person.manager is None or random.random() > 0.7:
            continue
        day = min(person.recorded_on + timedelta(days=random.randrange(1, 20)), today())
        how = random.choices(Thanks.How.values, [50, 25, 15, 10])[0]
        at = timezone.make_aware(datetime.combine(day, time(16, 20)))
        yield (person.referred_by, person.id, how, day, random.choice(GIFTS), person.manager.pk, at)
