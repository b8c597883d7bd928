"""Reads of the call screen: script, last contacts, phone, and what each outcome proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, ProspectType, RiskGrade
from crm import trading_days
from crm.addresses import address
from crm.localized import choice, localized
from crm.models import AccessLog
from crm.timeline import midnight
from staff.models import Employee
from visits.contacts import attempts as contacts_attempts
from visits.models import (
    Callback,
    CallbackChange,
    Channel,
    NextStep,
    Outcome,
    QuestionStyle,
    Visit,
)
from visits.planning import upcoming
from visits.planning.policies import CAPACITY
from visits.planning.upcoming import Regular
from visits.wording import CHANNEL_ICONS, STARS


@dataclass(frozen=True)
class Choice:
    """An outcome as a large button, with the step and the date that it proposes."""

    pk: int
    key: str
    text: str
    step: str
    on: str
    hint: str
    is_wrong_number: bool
    reached: bool


def following(
    outcomes: list[Outcome], basis: dict[str, Any] | None, pause: int | None, capacity: int
) -> tuple[list[Choice], Regular | None]:
    """The outcomes with their proposals counted from today, and the day that the plan says.

    One query for the trading days. ``pause`` is set once the attempts are used up: calls that fail
    again come back after it. ``basis``: of ``upcoming.regular``, as ``capacity``.
    """
    today = trading_days.today()
    after = {
        outcome.pk: pause
        if pause and not outcome.reached and outcome.next_step == NextStep.CALL_AGAIN
        else outcome.next_step_days
        for outcome in outcomes
    }
    furthest = max((days or 0 for days in after.values()), default=0)
    end = today + timedelta(days=furthest * 2 + 30)
    if basis is not None:
        end = max(end, upcoming.last_day(basis))
    days = trading_days.between(today + timedelta(days=1), end)
    made = []
    for outcome in outcomes:
        count = after[outcome.pk]
        on = days[count - 1] if count else None
        step = NextStep(outcome.next_step)
        hint = f"{step.label} · {date_format(on, 'MONTH_DAY_FORMAT')}" if on else str(step.label)
        day = on.isoformat() if on else ""
        wrong = outcome.key == Outcome.WRONG_NUMBER
        key = str(outcome.pk)
        made.append(Choice(outcome.pk, key, str(outcome), step, day, hint, wrong, outcome.reached))
    # Those that reached the client first, each part in the firm's order.
    made.sort(key=lambda choice: not choice.reached)
    return made, upcoming.regular(basis, days, capacity) if basis is not None else None


@dataclass(frozen=True)
class StepChoice:
    """A next step as a button. ``otherwise`` stands on it where the client was not reached."""

    value: str
    text: str
    otherwise: str = ""


def step_choices(regular: Regular | None) -> list[StepChoice]:
    """What may come next; first what the plan says, with its day."""
    text = _("No regular callback")
    if regular is not None:
        text = _("Call %(day)s") % {"day": f"{regular.day:%m-%d}"}
    own = {
        NextStep.NONE: text,
        NextStep.CALL_AGAIN: _("Pick a date"),
        NextStep.MEET: _("Arrange a meeting"),
    }
    first = [NextStep.NONE, NextStep.CALL_AGAIN, NextStep.MEET]
    steps = [*first, *(step for step in NextStep if step not in first)]
    stays = {NextStep.NONE: _("It stays due")}
    return [
        StepChoice(str(step), str(own.get(step, step.label)), str(stays.get(step, "")))
        for step in steps
    ]


def masked_phone(client: Client) -> str:
    """The client's first phone, masked; '' where none is known."""
    phones = [phone for phone in client.phones.all() if phone.valid_to is None]
    return phones[0].masked if phones else ""


@dataclass(frozen=True)
class Past:
    """One line of a timeline."""

    url: str
    icon: str
    day: date
    head: str
    text: str
    stars: str
    marks: str
    void: bool


# Columns of a visit that a line of the timeline shows.
LINE = (
    "id",
    "public_id",
    "occurred_at",
    "occurred_on",
    "channel",
    "notes",
    "suggestions",
    "answers",
    "satisfaction_service",
    "satisfaction_information",
    "void",
    "employee__full_name",
    "employee__username",
    "outcome__name_zh",
    "outcome__name_en",
    "contact_person__name",
)


def lines(visits: QuerySet[Visit], *more: str) -> QuerySet[Visit, Any]:
    """Visits with the columns of the timeline, and ``more``."""
    return visits.values_list(*LINE, *more, named=True)


def line(visit: Any, whose: str = "") -> Past:
    """One row of ``lines`` as a timeline shows it; ``whose`` names the client among several."""
    who = visit.employee__full_name or visit.employee__username
    head = [whose, said(visit), who]
    given = " · ".join(answer["answer"].rstrip("。.；; ") for answer in visit.answers)
    return Past(
        url=address("visits:visit", visit.public_id),
        icon=CHANNEL_ICONS.get(visit.channel, "message"),
        day=visit.occurred_on,
        head=" · ".join(str(part) for part in head if part),
        text=visit.notes or visit.suggestions or given,
        stars=STARS[visit.satisfaction_service or 0],
        marks=" / ".join(ratings(visit)),
        void=visit.void,
    )


def said(visit: Any) -> str:
    """Channel and outcome of a row of ``lines``, and the contact person one spoke with."""
    outcome, person = localized(visit, "outcome__name"), visit.contact_person__name
    return " · ".join(filter(None, [str(Channel(visit.channel).label), outcome, person]))


def ratings(visit: Any) -> list[str]:
    """How satisfied the client was, of a row of ``lines``; stars from 1 to 5."""
    given = []
    if visit.satisfaction_service:
        given.append(_("service %(n)s") % {"n": visit.satisfaction_service})
    if visit.satisfaction_information:
        given.append(_("information %(n)s") % {"n": visit.satisfaction_information})
    return given


def warnings(client: Client) -> list[str]:
    """Warnings to show before the contact (D-07, D-19)."""
    sentences = []
    if client.prospect_type == ProspectType.DELEGATING:
        sentences.append(
            _(
                "Wants others to decide: trading on a client's behalf is forbidden. Advise, never act."
            )
        )
    return sentences


def head(client: Client, phone: str) -> dict[str, Any]:
    """The line under the client's name, ``about`` without the phone, which is masked or ''."""
    facts = []
    facts.append(phone or _("No phone on record"))
    if client.risk_grade:
        grade = choice(RiskGrade, client.risk_grade)
        if client.risk_expires_on:
            ends = _("until %(day)s") % {"day": client.risk_expires_on.isoformat()}
            grade = f"{grade} ({ends})"
        facts.append(grade)
    else:
        facts.append(_("No risk grade"))
    if client.last_contact_on:
        facts.append(
            _("last contact %(day)s")
            % {"day": date_format(client.last_contact_on, "SHORT_DATE_FORMAT")}
        )
    said = [str(fact) for fact in facts]
    return {
        "facts": " · ".join(said),
        "about": " · ".join(said[1:]),
        "phone": phone,
        "has_phone": bool(phone),
    }


def changes(callback: Callback) -> list[CallbackChange]:
    """Decisions on a callback, the newest first."""
    return list(callback.changes.select_related("employee"))


def facts(visit: Visit) -> list[tuple[str, str]]:
    """Label and value of each field of an entry, empty ones omitted."""
    styles = dict(QuestionStyle.choices)
    rating = _("%(n)s of 5")
    values: list[tuple[Any, Any]] = [
        (_("Outcome"), visit.outcome),
        (_("Channel"), visit.get_channel_display()),
        (_("Purpose"), visit.get_purpose_display()),
        (_("Spoke with"), _spoke_with(visit)),
        (
            _("Satisfaction with service"),
            visit.satisfaction_service and rating % {"n": visit.satisfaction_service},
        ),
        (
            _("Satisfaction with information"),
            visit.satisfaction_information and rating % {"n": visit.satisfaction_information},
        ),
        (_("Attraction style"), visit.get_attraction_style_display()),
        (_("Question styles"), "、".join(str(styles[key]) for key in visit.question_styles)),
        (_("Suggestions of the client"), visit.suggestions),
        (_("Notes"), visit.notes),
        (_("Next step"), visit.get_next_step_display()),
        (_("Next step on"), visit.next_step_on and visit.next_step_on.isoformat()),
        (_("Risk grade at that time"), visit.get_risk_grade_display()),
        (_("Script version"), visit.script_version and str(visit.script_version)),
    ]
    return [(str(label), str(value)) for label, value in values if value]


def _spoke_with(visit: Visit) -> str:
    """The contact person with their role, or the role alone as older entries have it."""
    role = visit.get_spoke_with_display()
    return f"{visit.contact_person.name} · {role}" if visit.contact_person else role


@dataclass(frozen=True)
class Tried:
    """Unsuccessful attempts. ``pause``: trading days until the attempt after the next.

    ``capacity``: callbacks that a trading day of the branch holds.
    """

    attempts: int
    advice: str
    channel: str
    pause: int | None
    capacity: int


def tried(callback: Callback) -> Tried:
    """Advice for the next attempt; one query for the policies in force."""
    usual, rules = (
        contacts_attempts.usual_channel(callback),
        contacts_attempts.rules(callback.client.branch),
    )
    limit = rules[contacts_attempts.ATTEMPTS.key]
    advice = contacts_attempts.advice(callback.attempts, limit, usual)
    channel = contacts_attempts.other_channel(usual) if advice else usual
    pause = None
    if callback.attempts + 1 >= limit:
        pause = rules[contacts_attempts.PAUSE_DAYS.key]
    return Tried(callback.attempts, advice, channel, pause, rules[CAPACITY.key])


def dial_reason(callback: Callback) -> str:
    """What the access log says of a call made from ``callback``."""
    return f"callback {callback.public_id}"


_AROUND = """
SELECT EXISTS (SELECT FROM visits_visitdraft
               WHERE callback_id = %(callback)s AND employee_id = %(viewer)s),
       EXISTS (SELECT FROM visits_callbackchange WHERE callback_id = %(callback)s),
       ARRAY (SELECT id FROM clients_client WHERE merged_into_id = %(client)s),
       (SELECT max(at) FROM crm_accesslog
        WHERE client_id = %(client)s AND employee_id = %(viewer)s AND action = %(dial)s
          AND reason = %(reason)s AND at >= %(since)s)
"""


class Around(NamedTuple):
    """Whether rare rows exist, so that they are read only if they do.

    ``dialled_at``: when the viewer last dialled from this callback today.
    """

    drafted: bool
    decided: bool
    dialled_at: datetime | None


def around(callback: Callback, viewer: Employee) -> Around:
    """A draft and calls of the viewer from this callback, and decisions on it; one statement.

    Also sets ``merged_keys`` of the client, which saves the call screen a statement.
    """
    parameters: dict[str, Any] = {
        "callback": callback.pk,
        "client": callback.client_id,
        "viewer": viewer.pk,
        "dial": AccessLog.Action.DIAL,
        "reason": dial_reason(callback),
        "since": midnight(trading_days.today()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, parameters)
        drafted, decided, merged, dialled_at = cursor.fetchone()
    callback.client.merged_keys = merged
    return Around(drafted, decided, dialled_at)


@dataclass(frozen=True)
class Taken:
    """The callback was closed by somebody else while the user was typing."""

    who: str
    at: datetime | None
    url: str


def taken(callback: Callback, viewer: Employee) -> Taken | None:
    """Who closed the callback and when; ``None`` while it is open."""
    callback.refresh_from_db(fields=["status", "done_at"])
    if callback.status == Callback.Status.OPEN:
        return None
    rows = Visit.objects.visible_to(viewer).filter(callback=callback, void=False)
    visit = rows.select_related("employee").order_by("-id").first()
    if visit is None:
        return Taken("", callback.done_at, "")
    return Taken(str(visit.employee or ""), visit.created_at, visit.get_absolute_url())
