"""The rows of the pipeline: opportunities over all stages, with the way they came."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from clients.models import InvestmentSize, Lifecycle
from crm.trading_days import today
from demo.bulk import copy_rows, reserve_ids
from demo.people import Person
from pipeline.models import LostReason, Opportunity, Stage, StageMove

OPPORTUNITY = (
    "id", "public_id", "client_id", "kind", "stage_id", "state", "amount", "expected_on",
    "next_step", "next_step_on", "lost_reason_id", "lost_note", "created_on", "stage_since",
    "closed_on", "version", "updated_at",
)  # fmt: skip
MOVE = ("opportunity_id", "from_stage_id", "to_stage_id", "employee_id", "moved_on", "at")
# Where prospects stand, as weights.
STAGES = {"new": 22, "contacted": 24, "interested": 18, "assessed": 12, "opening": 8, "lost": 30}
STEPS = ["发送开户指引", "约来营业部面谈", "电话跟进意向", "完成风险测评", "准备开户资料"]
AMOUNTS = {
    InvestmentSize.SMALL: (20_000, 100_000),
    InvestmentSize.MEDIUM: (100_000, 500_000),
    InvestmentSize.LARGE: (500_000, 3_000_000),
    InvestmentSize.VERY_LARGE: (3_000_000, 20_000_000),
}


def write_chances(people: list[Person], random: Random) -> None:
    """COPY opportunities of prospects and of some who opened within a year, with their moves."""
    year = today() - timedelta(days=365)
    chosen = []
    for person in people:
        newly_opened = person.lifecycle == Lifecycle.CLIENT and (person.opened_on or year) > year
        share = 0.92 if person.lifecycle == Lifecycle.PROSPECT else 0.2 * newly_opened
        if random.random() < share:
            chosen.append(person)
    stages = {stage.key: stage for stage in Stage.objects.order_by("position")}
    reasons = list(LostReason.objects.values_list("pk", flat=True))
    moves: list[tuple[Any, ...]] = []
    ids = reserve_ids(Opportunity, len(chosen))
    rows = (
        _opportunity(key, person, stages, reasons, moves, random)
        for key, person in zip(ids, chosen, strict=True)
    )
    copy_rows(Opportunity, OPPORTUNITY, rows)
    copy_rows(StageMove, MOVE, moves)


def _opportunity(
    key: int,
    person: Person,
    stages: dict[str, Stage],
    reasons: list[int],
    moves: list[tuple[Any, ...]],
    random: Random,
) -> tuple[Any, ...]:
    end = "opened" if person.opened_on else random.choices(list(STAGES), list(STAGES.values()))[0]
    way = _way(end, list(stages), random)
    until = person.opened_on or today()
    days = _dates(person.recorded_on, until, len(way), random)
    if person.opened_on:
        days[-1] = person.opened_on
    for place, (name, day) in enumerate(zip(way, days, strict=True)):
        moves.append(
            (
                key,
                stages[way[place - 1]].pk if place else None,
                stages[name].pk,
                person.manager.pk if person.manager else None,
                day,
                timezone.make_aware(datetime.combine(day, time(9, 30))),
            )
        )
    stage, since = stages[end], days[-1]
    is_open = stage.kind == Stage.Kind.OPEN
    lost = stage.kind == Stage.Kind.LOST
    low, high = AMOUNTS.get(InvestmentSize(person.investment_size or "small"), (20_000, 100_000))
    return (
        key, UUID(int=random.getrandbits(128), version=4), person.id,
        Opportunity.Kind.ACCOUNT_OPENING, stage.pk, stage.kind,
        Decimal(random.randrange(low, high, 10_000)),
        today() + timedelta(days=random.randrange(5, 60)) if is_open else None,
        random.choice(STEPS) if is_open else "",
        today() + timedelta(days=random.randrange(0, 10)) if is_open else None,
        random.choice(reasons) if lost else None, "", days[0], since, None if is_open else since,
        len(way), timezone.make_aware(datetime.combine(since, time(9, 30))),
    )  # fmt: skip


def _way(end: str, order: list[str], random: Random) -> list[str]:
    """The stages on the way to ``end``; what is lost is lost anywhere on the way."""
    steps = [key for key in order if key not in {"opened", "lost"}]
    if end == "opened":
        return [*steps, end]
    if end == "lost":
        return [*steps[: random.randint(1, len(steps))], end]
    return steps[: steps.index(end) + 1]


def _dates(start: date, end: date, count: int, random: Random) -> list[date]:
    """``count`` dates in order, the first one ``start`` and none after ``end``."""
    span = max((end - start).days, 0)
    later = sorted(random.randint(0, span) for _ in range(count - 1))
    return [start, *(start + timedelta(days=days) for days in later)]
