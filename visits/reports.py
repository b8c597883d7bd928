"""Reads of the call screen: script, last contacts, phone, and what each outcome proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import Client, ProspectType, RiskGrade
from crm import trading_days
from crm.localized import choice, localized
from visits.models import (
    BY_HAND,
    Callback,
    CallbackChange,
    Channel,
    NextStep,
    Outcome,
    QuestionStyle,
    Script,
    ScriptVersion,
    Visit,
)

STARS = ("", "★☆☆☆☆", "★★☆☆☆", "★★★☆☆", "★★★★☆", "★★★★★")
CHANNEL_ICONS = {"phone": "phone", "wechat": "message", "sms": "message", "in_person": "meeting"}


@dataclass(frozen=True)
class Choice:
    """An outcome as a large button, with the step and the date that it proposes."""

    pk: int
    key: str
    text: str
    step: str
    on: str
    hint: str


def choices(outcomes: list[Outcome], pause: int | None = None) -> list[Choice]:
    """The outcomes with their proposals counted from today; one query for the trading days.

    ``pause`` is set once the attempts are used up: calls that fail again come back after it.
    """
    today = trading_days.today()
    after = {
        outcome.pk: pause
        if pause and not outcome.reached and outcome.next_step == NextStep.CALL_AGAIN
        else outcome.next_step_days
        for outcome in outcomes
    }
    furthest = max((days or 0 for days in after.values()), default=0)
    days = trading_days.between(
        today + timedelta(days=1), today + timedelta(days=furthest * 2 + 30)
    )
    made = []
    for outcome in outcomes:
        count = after[outcome.pk]
        on = days[count - 1] if count else None
        step = NextStep(outcome.next_step)
        hint = f"{step.label} · {date_format(on, 'MONTH_DAY_FORMAT')}" if on else str(step.label)
        day = on.isoformat() if on else ""
        made.append(Choice(outcome.pk, str(outcome.pk), str(outcome), step, day, hint))
    return made


# Which script a kind of callback is worked with; every other kind with the regular one.
PURPOSES: dict[str, str] = {
    Callback.Kind.NEW_ACCOUNT: Script.Purpose.NEW_ACCOUNT,
    Callback.Kind.EXPIRY: Script.Purpose.EXPIRY,
    Callback.Kind.BIRTHDAY: Script.Purpose.BIRTHDAY,
    Callback.Kind.DORMANT: Script.Purpose.DORMANT,
    Callback.Kind.FLOW: Script.Purpose.FLOW,
    Callback.Kind.CUSTODY: Script.Purpose.OCCASION,
    Callback.Kind.PURCHASE: Script.Purpose.OCCASION,
    Callback.Kind.EVENT: Script.Purpose.OCCASION,
    Callback.Kind.COMPLAINT: Script.Purpose.COMPLAINT,
    Callback.Kind.COMPLIANCE: Script.Purpose.COMPLIANCE,
}


# The wordings of the plan's script, and of scripts made for the purpose; each with script and steps.
_WORDINGS = """
WITH named AS (
    SELECT s.id, s.key FROM visits_callbackplan p JOIN visits_script s ON s.id = p.script_id
    WHERE p.segment_id = %(segment)s AND p.valid_from <= %(day)s
      AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
    ORDER BY p.valid_from DESC LIMIT 1
)
SELECT v.*, s.key AS script_key, s.name_zh AS script_name_zh, s.name_en AS script_name_en,
       s.branch_id AS of_branch, s.segment_id AS for_segment,
       s.purpose = %(purpose)s AS for_purpose,
       (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM visits_scriptstep t
        WHERE t.version_id = v.id) AS told_steps
FROM visits_scriptversion v
JOIN visits_script s ON s.id = v.script_id
LEFT JOIN named ON true
WHERE v.valid_to IS NULL AND (
    (s.branch_id IS NULL OR s.branch_id = ANY (%(path)s)) AND (
        s.key = named.key
        OR s.purpose = %(purpose)s AND (s.segment_id IS NULL OR s.segment_id = %(segment)s))
    OR s.id = named.id)
"""


def script_version(client: Client, callback: Callback | None) -> ScriptVersion | None:
    """The wording in force for this contact; one query.

    A callback of a kind with a purpose takes the script of that purpose: one for the client's
    segment before one for all, then the nearest branch's. Without one, and for regular contacts,
    the script of the segment's plan, in the wording of the nearest branch that has its own.
    """
    purpose = PURPOSES.get(callback.kind, "") if callback is not None else ""
    path = [int(key) for key in client.branch.path.strip("/").split("/")]
    parameters = {
        "segment": client.segment_id,
        "day": trading_days.today(),
        "path": path,
        "purpose": purpose,
    }

    def nearest(row: Any) -> tuple[bool, bool, int, int]:
        own = row.for_purpose and row.for_segment is not None
        place = path.index(row.of_branch) if row.of_branch in path else -1
        return not row.for_purpose, not own, -place, row.script_id

    found = min(ScriptVersion.objects.raw(_WORDINGS, parameters), key=nearest, default=None)
    if found is not None:
        row: Any = found
        found.script = Script(
            pk=row.script_id,
            key=row.script_key,
            name_zh=row.script_name_zh,
            name_en=row.script_name_en,
            branch_id=row.of_branch,
        )
    return found


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


# What a line of a timeline is drawn from; the rest of a visit stays in the database.
LINE = (
    *(
        "id",
        "public_id",
        "occurred_at",
        "occurred_on",
        "channel",
        "notes",
        "suggestions",
        "answers",
    ),
    *("satisfaction_service", "satisfaction_information", "void"),
    *("employee__full_name", "employee__username", "outcome__name_zh", "outcome__name_en"),
)


def lines(visits: QuerySet[Visit], *more: str) -> QuerySet[Visit, Any]:
    """The columns of visits that a timeline is drawn from, and ``more``."""
    return visits.values_list(*LINE, *more, named=True)


def line(visit: Any, whose: str = "") -> Past:
    """One row of ``lines`` as a timeline shows it; ``whose`` names the client among several."""
    who = visit.employee__full_name or visit.employee__username
    head = [whose, Channel(visit.channel).label, localized(visit, "outcome__name"), who]
    given = " · ".join(answer["answer"].rstrip("。.；; ") for answer in visit.answers)
    ratings = []
    if visit.satisfaction_service:
        ratings.append(_("service %(n)s") % {"n": visit.satisfaction_service})
    if visit.satisfaction_information:
        ratings.append(_("information %(n)s") % {"n": visit.satisfaction_information})
    return Past(
        url=f"/visits/{visit.public_id}/",
        icon=CHANNEL_ICONS.get(visit.channel, "message"),
        day=visit.occurred_on,
        head=" · ".join(str(part) for part in head if part),
        text=visit.notes or visit.suggestions or given,
        stars=STARS[visit.satisfaction_service or 0],
        marks=" / ".join(ratings),
        void=visit.void,
    )


def warnings(client: Client) -> list[str]:
    """What must not be said or done in this contact (D-07, D-19)."""
    found = []
    if client.prospect_type == ProspectType.DELEGATING:
        found.append(
            _(
                "Wants others to decide: trading on a client's behalf is forbidden. Advise, never act."
            )
        )
    return found


def head(client: Client, phone: str) -> dict[str, Any]:
    """The line under the client's name; ``phone`` is masked, '' where none is known."""
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
    return {"facts": " · ".join(map(str, facts)), "has_phone": bool(phone)}


def cadence_text(every: int | None, unit: str) -> str:
    """``every 14 days``; '' for a segment without a cadence."""
    if every is None:
        return ""
    if unit == "day":
        return ngettext("every day", "every %(n)s days", every) % {"n": every}
    return ngettext("every month", "every %(n)s months", every) % {"n": every}


def label(kind: str) -> str:
    """A kind of callback in the reader's language."""
    return str(Callback.Kind(kind).label)


# Why one calls, by kind; the others say what happened and when.
_SENTENCES = {
    Callback.Kind.NEW_ACCOUNT: gettext_lazy("Account opened on %(day)s: first call"),
    Callback.Kind.EXPIRY: gettext_lazy(
        "Risk test or identity paper ends on %(day)s: ask for the new one"
    ),
    Callback.Kind.DORMANT: gettext_lazy(
        "Hardly any trades, noticed on %(day)s: ask what keeps them away"
    ),
    Callback.Kind.FLOW: gettext_lazy(
        "Large inflow or outflow, reported on %(day)s: ask what it is for"
    ),
    Callback.Kind.COMPLAINT: gettext_lazy("Complaint closed on %(day)s: ask whether all is well"),
}
_OCCURRED = gettext_lazy("%(what)s on %(day)s")


@dataclass(frozen=True)
class Cause:
    """What makes a callback due: taken from the callback, its plan and its client."""

    kind: str
    reason: str
    anchor_on: date
    due_on: date
    every: int | None
    unit: str
    last_contact_on: date | None
    opened_on: date | None

    def __str__(self) -> str:
        if self.kind in BY_HAND:
            by_hand = self.kind == Callback.Kind.MANUAL
            return self.reason or (_("Planned by hand") if by_hand else label(self.kind))
        if self.kind != Callback.Kind.CADENCE:
            sentence = _SENTENCES.get(Callback.Kind(self.kind), _OCCURRED)
            return str(sentence) % {"day": self.anchor_on.isoformat(), "what": label(self.kind)}
        cadence = cadence_text(self.every, self.unit)
        if self.due_on > trading_days.today():
            return " · ".join(filter(None, [str(Callback.Kind(self.kind).label), cadence]))
        figures = {"cadence": cadence, "day": self.anchor_on.isoformat()}
        if self.last_contact_on:
            days = (trading_days.today() - self.last_contact_on).days
            figures["n"] = str(days)
            text = ngettext(
                "%(n)s day since the last contact, %(cadence)s",
                "%(n)s days since the last contact, %(cadence)s",
                days,
            )
        elif self.opened_on:
            text = _("Not reached since the opening on %(day)s, %(cadence)s")
        else:
            text = _("Not reached since recorded on %(day)s, %(cadence)s")
        return (text % figures).removesuffix(", ").removesuffix("，")


def why(callback: Callback, client: Client) -> str:
    """Why this client is called now, as a sentence."""
    plan = callback.plan
    cause = Cause(
        kind=callback.kind,
        reason=callback.reason,
        anchor_on=callback.anchor_on,
        due_on=callback.due_on,
        every=plan.every if plan else None,
        unit=plan.unit if plan else "",
        last_contact_on=client.last_contact_on,
        opened_on=client.opened_on,
    )
    return str(cause)


def changes(callback: Callback) -> list[CallbackChange]:
    """Decisions on a callback, the newest first."""
    return list(callback.changes.select_related("employee"))


def facts(visit: Visit) -> list[tuple[str, str]]:
    """What an entry says, label by label, without what was left empty."""
    styles = dict(QuestionStyle.choices)
    rating = _("%(n)s of 5")
    values: list[tuple[Any, Any]] = [
        (_("Outcome"), visit.outcome),
        (_("Channel"), visit.get_channel_display()),
        (_("Purpose"), visit.get_purpose_display()),
        (_("Spoke with"), visit.get_spoke_with_display()),
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
