"""Reads of the client file, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.file.assignments import assignments_of
from clients.models import (
    Assignment,
    Client,
    CommissionTier,
    Identity,
    Kind,
    Lifecycle,
    ProspectType,
    RiskGrade,
    SegmentChange,
    Source,
)
from clients.normalisation import mask_identity_number, mask_phone
from clients.segments.classification import segments_of
from crm import crypto
from crm.localized import choice
from crm.trading_days import today

# From so many days before the risk grade or a paper expires, the file warns of it.
WARN_BEFORE = timedelta(days=30)

# How to approach each type of prospect (D-07).
GUIDANCE = {
    ProspectType.AVOIDANT: gettext_lazy(
        "Shies away from investing. Win trust first: explain in plain words, show the risks "
        "openly, start from what they know, and do not press for a decision."
    ),
    ProspectType.DELEGATING: gettext_lazy(
        "Wants others to decide. Offer advice and products that suit the risk grade, and let "
        "every decision and every order be the client's own."
    ),
    ProspectType.ADVISORY: gettext_lazy(
        "Decides after hearing an opinion. Prepare research and two or three options with their "
        "risks, and ask for the client's view."
    ),
    ProspectType.SELF_DIRECTED: gettext_lazy(
        "Decides alone. Be quick and exact: data, tools and news in time; advise when asked."
    ),
}
# Securities Law art. 134 (docs/rules.md#prohibited-conduct).
DISCRETION_BAN = gettext_lazy(
    "Discretionary trading is forbidden (Securities Law, article 134): never decide, place or "
    "time an order for a client, even when asked to. Refuse and record the request."
)


@dataclass(frozen=True)
class Number:
    """A masked phone or identity number, with the parameters of its reveal."""

    kind: str
    pk: int
    label: str
    masked: str
    note: str = ""
    warns: bool = False

    @property
    def reveal(self) -> str:
        """Address of its reveal, relative to the client's."""
        return f"reveal/{self.kind}/{self.pk}/"


@dataclass(frozen=True)
class Fact:
    """One line of the facts."""

    label: str
    text: str


@dataclass(frozen=True)
class Suitability:
    """The risk grade and until when it holds; ``tone`` of its state: ok, warn, late or ''."""

    grade: str
    until: str = ""
    state: str = ""
    tone: str = ""


def suitability(client: Client) -> Suitability | None:
    """The risk grade; ``None`` for a prospect, who needs none yet, without one."""
    expires = client.risk_expires_on
    if not client.risk_grade:
        if client.lifecycle != Lifecycle.CLIENT:
            return None
        return Suitability(_("Risk not assessed"), tone="warn")
    grade = choice(RiskGrade, client.risk_grade)
    until = expires.isoformat() if expires else ""
    days = (expires - today()).days if expires else None
    if days is not None and days < 0:
        state = ngettext("expired %(n)s day ago", "expired %(n)s days ago", -days) % {"n": -days}
        return Suitability(grade, until, state, "late")
    if days is not None and _expires_soon(expires):
        state = ngettext("ends in %(n)s day", "ends in %(n)s days", days) % {"n": days}
        return Suitability(grade, until, _("ends today") if days == 0 else state, "warn")
    return Suitability(grade, until)


def _expires_soon(day: date | None) -> bool:
    return day is not None and day <= today() + WARN_BEFORE


_NUMBERS = """
SELECT 'phone' AS kind, id, ciphertext, key_id, '' AS type, NULL AS expires_on, NOT is_primary
FROM clients_phone WHERE client_id = %(client)s AND valid_to IS NULL
UNION ALL
SELECT 'identity', id, ciphertext, key_id, type, expires_on, false
FROM clients_identity WHERE client_id = %(client)s AND valid_to IS NULL
ORDER BY kind DESC, 7, id
"""


def numbers(client: Client) -> list[Number]:
    """Phones, the first one first, then identity papers in force, masked; one statement.

    The client was fetched through the access rule.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, {"client": client.pk})
        rows = cursor.fetchall()
    masked = []
    for kind, pk, ciphertext, key_id, type_, ends, _rank in rows:
        number = crypto.decrypt(ciphertext, key_id)
        if kind == "phone":
            masked.append(Number(kind, pk, _("Phone"), mask_phone(number)))
            continue
        until = _("until %(day)s") % {"day": ends.isoformat()} if ends else ""
        label = str(Identity.Type(type_).label)
        masked.append(
            Number(kind, pk, label, mask_identity_number(number), until, _expires_soon(ends))
        )
    return masked


def facts(client: Client) -> list[Fact]:
    """Known facts of the client that are not edited in place, unknown ones omitted."""
    rows = [
        (_("Kind"), choice(Kind, client.kind) if client.kind != "person" else ""),
        (_("Birthday"), client.birthday.isoformat() if client.birthday else ""),
        (_("Commission tier"), choice(CommissionTier, client.commission_tier)),
        (_("Source"), choice(Source, client.source)),
        (_("Branch"), str(client.branch)),
        (_("Recorded on"), client.recorded_on.isoformat()),
    ]
    return [Fact(label, str(text)) for label, text in rows if text]


def guidance(client: Client) -> dict[str, Any] | None:
    """How to approach this type of prospect, and the ban that concerns delegating ones (D-07)."""
    if not client.prospect_type:
        return None
    type_ = ProspectType(client.prospect_type)
    return {
        "type": type_.label,
        "text": GUIDANCE[type_],
        "ban": DISCRETION_BAN if type_ == ProspectType.DELEGATING else "",
    }


def assignments(client: Client) -> list[Assignment]:
    """Who serves, served and won the client, newest first."""
    rows = assignments_of(client).select_related("employee")
    return list(rows.order_by("valid_to", "-valid_from", "-id"))


@dataclass(frozen=True)
class Change:
    """One line of a segment's history."""

    day: date
    segment: str
    why: str


def segment_history(client: Client) -> list[Change]:
    """Which segment, when, and why: the rule, the pin with its reason, or no rule."""
    rows = segments_of(client).select_related("segment", "rule", "employee")
    return [
        Change(timezone.localdate(row.at), str(row.segment), change_reason(row))
        for row in rows.order_by("-id")
    ]


def change_reason(row: SegmentChange) -> str:
    """Which rule or whose decision set a segment."""
    if row.pinned:
        return _("Pinned by %(name)s: %(reason)s") % {
            "name": row.employee or "—",
            "reason": row.reason,
        }
    if row.employee:
        return _("Pin removed by %(name)s: %(reason)s") % {
            "name": row.employee,
            "reason": row.reason,
        }
    if row.rule:
        return _("Rule %(priority)s, in force since %(day)s") % {
            "priority": row.rule.priority,
            "day": row.rule.valid_from.isoformat(),
        }
    if row.reason:  # by nobody: classification.classify_nightly
        return _("The last day of the pin has passed")
    return _("No rule matches: the default segment")


@dataclass(frozen=True)
class Step:
    """A suggested next step with its reason; the lowest ``rank`` wins."""

    rank: int
    text: str
    url: str = ""
    # For the head of the file: the step in a few words, and when it is due.
    title: str = ""
    due_on: date | None = None


def next_step(client: Client, numbers: list[Number], offered: list[Step | None]) -> Step | None:
    """The best suggested step, of the file and of the apps above."""
    steps = [step for step in offered if step is not None]
    url = client.get_absolute_url()
    if client.lifecycle == Lifecycle.CLOSED:
        return None
    if not any(number.kind == "phone" for number in numbers):
        steps.append(
            Step(
                5,
                _("Record a phone number: nobody can call this client."),
                f"{url}edit/",
                _("Record a phone number"),
            )
        )
    expires = client.risk_expires_on
    if client.risk_grade and expires and _expires_soon(expires):
        wording = _(
            "Have the risk test renewed (%(grade)s ends %(day)s) before recommending anything."
        )
        if expires < today():
            wording = _(
                "Have the risk test renewed (%(grade)s ended %(day)s) before recommending anything."
            )
        figures = {"grade": client.risk_grade, "day": expires.isoformat()}
        title = _("Renew the risk test")
        steps.append(Step(15, wording % figures, f"{url}edit/", title, expires))
    elif not client.risk_grade and client.lifecycle == Lifecycle.CLIENT:
        text = _("Have the risk test done: without a grade nothing may be recommended.")
        steps.append(Step(16, text, f"{url}edit/", _("Have the risk test done")))
    for number in numbers:
        if number.warns:
            text = _("Ask for a new %(paper)s: %(note)s.") % {
                "paper": number.label,
                "note": number.note,
            }
            title = _("Ask for a new %(paper)s") % {"paper": number.label}
            steps.append(Step(20, text, f"{url}edit/", title))
    return min(steps, key=lambda step: step.rank, default=None)
