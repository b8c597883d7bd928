"""The rows of the visits' room: what happened, and the callbacks that it answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from demo import talks
from demo.agenda import Calendar
from demo.bulk import as_json, copy_rows, reserve_ids
from demo.people import Person
from demo.scales import Scale
from visits.models import (
    AttractionStyle,
    Callback,
    CallbackPlan,
    Channel,
    DecisionRole,
    NextStep,
    Outcome,
    Purpose,
    QuestionStyle,
    Script,
    Visit,
)

VISIT = (
    "public_id",
    "token",
    "client_id",
    "employee_id",
    "callback_id",
    "occurred_at",
    "occurred_on",
    "channel",
    "purpose",
    "spoke_with",
    "outcome_id",
    "reached",
    "duration_seconds",
    "script_version_id",
    "answers",
    "attraction_style",
    "question_styles",
    "satisfaction_service",
    "satisfaction_information",
    "suggestions",
    "notes",
    "next_step",
    "risk_grade",
    "confidential",
    "void",
    "void_reason",
    "source_system",
    "source_key",
    "created_at",
)
CALLBACK = (
    "id",
    "client_id",
    "employee_id",
    "kind",
    "occurrence",
    "plan_id",
    "anchor_on",
    "ideal_on",
    "earliest_on",
    "due_on",
    "window_end",
    "status",
    "cancelled_because",
    "reason",
    "is_placed",
    "is_backlog",
    "over_capacity",
    "confidential",
    "attempts",
    "done_at",
    "done_on",
    "created_at",
    "public_id",
)
REACHED = {"talked": 78, "interested": 12, "not_interested": 6, "dissatisfied": 4}
UNREACHED = {"no_answer": 60, "busy": 28, "unreachable": 12}
NOTES = {
    "talked": [
        "近期持仓稳定，暂无调仓计划。",
        "询问了基金定投的起点和费率，已说明。",
        "账户小幅盈利，心态平和，愿意长期持有。",
        "提醒了风险等级即将到期，客户会自行更新。",
        "聊了行业轮动，客户想多看研究报告。",
        "交易软件登录正常，没有新的问题。",
        "家里近期有购房打算，资金暂时不动。",
        "对市场波动有些担心，重申了分散和止损。",
    ],
    "interested": [
        "对科创板基金有兴趣，约来营业部细谈。",
        "想了解开户流程和所需证件，已发资料。",
        "愿意参加下月的投资者交流会。",
    ],
    "not_interested": ["目前没有新增资金，下次再联系。", "暂不考虑新产品，资料先留着看。"],
    "dissatisfied": ["反映资讯推送太多，希望只收重点。", "对佣金有意见，已记录并说明。"],
    "no_answer": ["响铃无人接听。", ""],
    "busy": ["正在开会，约改日再打。", "在外地出差，晚些再联系。"],
    "unreachable": ["提示已关机。", ""],
}
SUGGESTIONS = ["希望资讯简短一些。", "希望多办线下讲座。", "建议软件字体再大一点。"]


@dataclass
class Writing:
    """What every row needs to know."""

    scale: Scale
    calendar: Calendar
    random: Random

    def __post_init__(self) -> None:
        self.outcomes = {outcome.key: outcome for outcome in Outcome.objects.all()}
        self.steps: dict[int, list[Any]] = {}
        self.versions: dict[int, int] = {}
        for script in Script.objects.filter(branch__isnull=True):
            if version := script.current:
                self.versions[script.pk] = version.pk
                self.steps[version.pk] = list(version.steps.all())
        # Nothing of today lies ahead of the clock; by the hour, so that two loads are alike.
        self.latest = timezone.now().replace(minute=0, second=0, microsecond=0)

    def uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def pick(self, shares: dict[str, int]) -> str:
        return self.random.choices(list(shares), weights=list(shares.values()))[0]


def write_contacts(people: list[Person], scale: Scale, calendar: Calendar, random: Random) -> None:
    """COPY visits and the callbacks they answered (the recent ones)."""
    writing = Writing(scale, calendar, random)
    answered = _answered(people, scale, calendar)
    ids = dict(zip(answered, reserve_ids(Callback, len(answered)), strict=True))
    done: list[tuple[Any, ...]] = []
    copy_rows(Visit, VISIT, _visits(people, ids, done, writing))
    copy_rows(Callback, CALLBACK, done)


def _answered(people: list[Person], scale: Scale, calendar: Calendar) -> list[tuple[int, date]]:
    """Clients and dates of those contacts that answered a regular callback."""
    since = calendar.today - timedelta(days=scale.done_days)
    found = []
    for person in people:
        reached = [day for day, was_reached in person.contacts if was_reached]
        if person.segment_id in calendar.plans:
            found += [(person.id, day) for day in reached[1:] if day >= since]
    return found


def _visits(
    people: list[Person],
    ids: dict[tuple[int, date], int],
    done: list[tuple[Any, ...]],
    writing: Writing,
) -> Iterator[tuple[Any, ...]]:
    """One row for each contact; fills ``done`` with the callbacks on the way."""
    for person in people:
        plan = writing.calendar.plans.get(person.segment_id)
        anchor: date | None = None
        attempts = 0
        for place, (day, reached) in enumerate(person.contacts):
            answers = next(d for d, was_reached in person.contacts[place:] if was_reached)
            callback = ids.get((person.id, answers))
            row, ended_at = _visit(person, day, reached, callback, plan, writing)
            yield row
            if not reached:
                attempts += 1
                continue
            if callback and plan and anchor:
                done.append(_done(callback, person, plan, anchor, day, attempts, ended_at, writing))
            anchor, attempts = day, 0


def _moment(day: date, writing: Writing) -> datetime:
    """A time within trading hours, in Shanghai: 9:00 to 11:30 or 13:00 to 16:30."""
    minutes = writing.random.choice((540, 540, 780)) + writing.random.randrange(150)
    at = timezone.make_aware(datetime.combine(day, time(minutes // 60, minutes % 60)))
    return min(at.astimezone(UTC), writing.latest)


def _visit(
    person: Person,
    day: date,
    reached: bool,
    callback: int | None,
    plan: CallbackPlan | None,
    writing: Writing,
) -> tuple[tuple[Any, ...], datetime]:
    random = writing.random
    at = _moment(day, writing)
    outcome = writing.outcomes[writing.pick(REACHED if reached else UNREACHED)]
    seconds = random.randrange(60, 900) if reached else None
    version = writing.versions.get(plan.script_id) if plan and plan.script_id else None
    talked = reached and random.random() < 0.4
    mood = talks.mood(outcome.key, random)
    channel = plan.channel if plan and random.random() < 0.8 else Channel.PHONE
    ended = min(at + timedelta(seconds=seconds or 30), writing.latest)
    return (
        writing.uuid(),
        writing.uuid(),
        person.id,
        person.manager.pk if person.manager else None,
        callback,
        at,
        day,
        channel,
        random.choice(Purpose.values),
        DecisionRole.DECIDES if reached else "",
        outcome.pk,
        reached,
        seconds,
        version if reached else None,
        _answers(version, outcome.key, mood, writing) if talked and version else "[]",
        random.choice(AttractionStyle.values) if talked else "",
        "{" + random.choice(QuestionStyle.values) + "}" if talked else "{}",
        random.choice(talks.STARS[mood]) if reached else None,
        random.choice(talks.STARS[mood]) if reached else None,
        random.choice(SUGGESTIONS) if reached and random.random() < 0.06 else "",
        random.choice(NOTES[outcome.key]) if random.random() < 0.7 else "",
        outcome.next_step if outcome.next_step else NextStep.NONE,
        person.risk_grade,
        False,
        False,
        "",
        "",
        "",
        ended,
    ), ended


def _answers(version: int, outcome: str, mood: str, writing: Writing) -> str:
    """Answers to the script's questions, as a visit keeps them."""
    steps = [step for step in writing.steps[version] if step.answer != "none"]
    found = talks.answers_to(steps, outcome=outcome, mood=mood, random=writing.random)
    return as_json(found)


def _done(
    key: int,
    person: Person,
    plan: CallbackPlan,
    anchor: date,
    day: date,
    attempts: int,
    at: datetime,
    writing: Writing,
) -> tuple[Any, ...]:
    """A regular callback counted from ``anchor`` and answered on ``day``."""
    ideal = writing.calendar.due(anchor, plan)
    due = writing.calendar.on_or_after(ideal)
    return (
        key,
        person.id,
        person.manager.pk if person.manager else None,
        Callback.Kind.CADENCE,
        f"{anchor:%Y-%m-%d}:1",
        plan.pk,
        anchor,
        ideal,
        due,
        due,
        due + timedelta(days=plan.window_days),
        Callback.Status.DONE,
        "",
        "",
        False,
        False,
        False,
        False,
        attempts,
        at,
        day,
        timezone.make_aware(datetime.combine(anchor, time(21))),
        writing.uuid(),
    )
