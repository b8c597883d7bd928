"""The rows of the pipeline: opportunities of every kind, the way they came, their assessments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from clients.models import InvestmentSize, Lifecycle
from crm.trading_days import today
from demo.assessments import answers_to
from demo.bulk import as_json, copy_rows, reserve_ids
from demo.people import Person
from pipeline.models import (
    Assessment,
    Competitor,
    LostReason,
    Opportunity,
    OpportunityKind,
    Stage,
    StageMove,
)
from visits.models import Occasion

OPPORTUNITY = (
    "id",
    "public_id",
    "client_id",
    "kind",
    "stage_id",
    "state",
    "amount",
    "expected_on",
    "next_step",
    "next_step_on",
    "competitor_id",
    "lost_reason_id",
    "lost_note",
    "created_on",
    "stage_since",
    "closed_on",
    "version",
    "changed_by_id",
    "updated_at",
)
MOVE = (
    "opportunity_id",
    "from_stage_id",
    "to_stage_id",
    "employee_id",
    "moved_on",
    "version",
    "at",
)
ASSESSMENT = ("opportunity_id", "which", "version", "answers", "by_id", '"on"', "at")
OCCASION = (
    "client_id",
    "kind",
    "happened_on",
    "note",
    "source_key",
    "noted_by_id",
    "noted_at",
    "void",
)
# Where prospects stand, as weights.
STAGES = {"new": 22, "contacted": 24, "interested": 18, "assessed": 12, "opening": 8, "lost": 30}
STEPS = {
    OpportunityKind.ACCOUNT_OPENING: [
        "发送开户指引",
        "约来营业部面谈",
        "电话跟进意向",
        "完成风险测评",
        "准备开户资料",
    ],
    OpportunityKind.CUSTODY_TRANSFER: ["核对原券商席位号", "发送转托管流程", "约定办理日期"],
    OpportunityKind.SALE: ["发送产品说明书", "核对风险测评有效期", "约面谈讲解方案"],
    OpportunityKind.REACTIVATION: ["电话了解停止交易原因", "邀请参加策略会", "发送账户体检报告"],
    OpportunityKind.REFERRAL: ["下次回访时请其推荐", "发送活动邀请函", "确认朋友方便的时间"],
}
AMOUNTS = {
    InvestmentSize.SMALL: (20_000, 100_000),
    InvestmentSize.MEDIUM: (100_000, 500_000),
    InvestmentSize.LARGE: (500_000, 3_000_000),
    InvestmentSize.VERY_LARGE: (3_000_000, 20_000_000),
}
# Of existing clients, who has an opportunity of another kind; what is won lately is an occasion.
SECOND = 0.2
OCCASIONS = {OpportunityKind.CUSTODY_TRANSFER: "custody", OpportunityKind.SALE: "purchase"}
LATELY = timedelta(days=7)
# Open ones without a next step, and those with somebody else in the running.
GAPS, RIVALS = 0.12, 0.3


@dataclass
class Writing:
    """Reference rows by kind, and the rows that are made on the way."""

    random: Random
    stages: dict[str, list[Stage]] = field(default_factory=dict)
    reasons: dict[str, list[int]] = field(default_factory=dict)
    rivals: list[int] = field(default_factory=list)
    moves: list[tuple[Any, ...]] = field(default_factory=list)
    assessments: list[tuple[Any, ...]] = field(default_factory=list)
    occasions: list[tuple[Any, ...]] = field(default_factory=list)


def write_chances(people: list[Person], random: Random) -> None:
    """COPY opportunities of prospects, of those who opened within a year and of other clients."""
    writing = Writing(random, rivals=list(Competitor.objects.values_list("pk", flat=True)))
    for kind in OpportunityKind:
        writing.stages[kind] = list(Stage.objects.of(kind))
        fitting = LostReason.objects.filter(opportunity_kind__in=["", kind])
        writing.reasons[kind] = list(fitting.values_list("pk", flat=True))
    chosen = [*_openings(people, random), *_second(people, writing)]
    ids = reserve_ids(Opportunity, len(chosen))
    rows = (_opportunity(key, *one, writing) for key, one in zip(ids, chosen, strict=True))
    copy_rows(Opportunity, OPPORTUNITY, rows)
    copy_rows(StageMove, MOVE, writing.moves)
    copy_rows(Assessment, ASSESSMENT, writing.assessments)
    copy_rows(Occasion, OCCASION, writing.occasions)


def _openings(people: list[Person], random: Random) -> Iterator[tuple[Person, str, str]]:
    """Who has an account opening, and the stage that it came to."""
    year = today() - timedelta(days=365)
    for person in people:
        newly_opened = person.lifecycle == Lifecycle.CLIENT and (person.opened_on or year) > year
        share = 0.92 if person.lifecycle == Lifecycle.PROSPECT else 0.2 * newly_opened
        if random.random() < share:
            end = random.choices(list(STAGES), list(STAGES.values()))[0]
            kind = str(OpportunityKind.ACCOUNT_OPENING)
            yield person, kind, "opened" if person.opened_on else end


def _second(people: list[Person], writing: Writing) -> Iterator[tuple[Person, str, str]]:
    """Second development of existing clients (D-16): every kind and every stage in turn."""
    ends = cycle(
        (kind, stage.key)
        for place in range(max(map(len, writing.stages.values())))
        for kind, stages in writing.stages.items()
        if kind != OpportunityKind.ACCOUNT_OPENING
        for stage in stages[place : place + 1]
    )
    for person in people:
        if person.lifecycle != Lifecycle.CLIENT or person.manager is None:
            continue
        if writing.random.random() < SECOND:
            yield person, *next(ends)


def _opportunity(
    key: int, person: Person, kind: str, end: str, writing: Writing
) -> tuple[Any, ...]:
    random, stages = writing.random, writing.stages[kind]
    way = _way(end, stages, random)
    stage, manager = way[-1], person.manager.pk if person.manager else None
    days = _days(person, kind, len(way), random)
    low, high = AMOUNTS.get(InvestmentSize(person.investment_size or "small"), (20_000, 100_000))
    amount = Decimal(random.randrange(low, high, 10_000))
    for place, (passed, day) in enumerate(zip(way, days, strict=True)):
        before = way[place - 1].pk if place else None
        at = _at(day, time(9, 30))
        writing.moves.append((key, before, passed.pk, manager, day, place + 1, at))
        for gate in passed.gates:
            answers = as_json(answers_to(gate, amount, random))
            writing.assessments.append((key, gate, 1, answers, manager, day, _at(day, time(9, 10))))
    since, is_open = days[-1], stage.kind == Stage.Kind.OPEN
    public_id = UUID(int=random.getrandbits(128), version=4)
    if stage.kind == Stage.Kind.WON and kind in OCCASIONS and since > today() - LATELY:
        source = f"opportunity:{public_id}"
        noted = (person.id, OCCASIONS[OpportunityKind(kind)], since, "", source, manager)
        writing.occasions.append((*noted, _at(since, time(9, 30)), False))
    lost = stage.kind == Stage.Kind.LOST
    steps = is_open and random.random() > GAPS
    rival = random.random() < RIVALS and kind != OpportunityKind.REFERRAL
    return (
        key,
        public_id,
        person.id,
        kind,
        stage.pk,
        stage.kind,
        amount,
        today() + timedelta(days=random.randrange(5, 60)) if is_open else None,
        random.choice(STEPS[OpportunityKind(kind)]) if steps else "",
        today() + timedelta(days=random.randrange(-2, 10)) if steps else None,
        random.choice(writing.rivals) if rival else None,
        random.choice(writing.reasons[kind]) if lost else None,
        "",
        days[0],
        since,
        None if is_open else since,
        len(way),
        manager,
        _at(since, time(9, 30)),
    )


def _at(day: date, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, moment))


def _way(end: str, stages: Sequence[Stage], random: Random) -> list[Stage]:
    """The stages on the way to ``end``; what is lost is lost anywhere on the way."""
    steps = [stage for stage in stages if stage.kind == Stage.Kind.OPEN]
    goal = next(stage for stage in stages if stage.key == end)
    if goal.kind == Stage.Kind.OPEN:
        return steps[: steps.index(goal) + 1]
    if goal.kind == Stage.Kind.LOST:
        return [*steps[: random.randint(1, len(steps))], goal]
    return [*steps, goal]


def _days(person: Person, kind: str, count: int, random: Random) -> list[date]:
    """The day of each stage: an account opening ends on its day, the others began this year."""
    if kind == OpportunityKind.ACCOUNT_OPENING:
        days = _dates(person.recorded_on, person.opened_on or today(), count, random)
        return [*days[:-1], person.opened_on] if person.opened_on else days
    since = max(person.opened_on or today(), today() - timedelta(days=120))
    return _dates(since, today(), count, random)


def _dates(start: date, end: date, count: int, random: Random) -> list[date]:
    """``count`` dates in order, the first one ``start`` and none after ``end``."""
    span = max((end - start).days, 0)
    later = sorted(random.randint(0, span) for _ in range(count - 1))
    return [start, *(start + timedelta(days=days) for days in later)]
