"""Reads of the client file, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.file.assignments import assignments_of
from clients.models import (
    Activity,
    Assignment,
    Client,
    CommissionTier,
    Identity,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Kind,
    Lifecycle,
    ProspectType,
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
class Pill:
    """A state beside the name; ``tone`` is the ending of its class: today, warn, late or ''."""

    text: str
    tone: str = ""


def pills(client: Client) -> list[Pill]:
    """Segment, risk grade with its expiry, lifecycle with the opening date, activity."""
    labels = [Pill(str(client.segment), "today")]
    # A prospect needs no assessment yet; without one there is nothing to warn of.
    if client.risk_grade or client.lifecycle == Lifecycle.CLIENT:
        labels.append(_risk_pill(client))
    text = choice(Lifecycle, client.lifecycle)
    if client.opened_on and client.lifecycle != Lifecycle.PROSPECT:
        text = _("%(lifecycle)s · account opened %(day)s") % {
            "lifecycle": text,
            "day": client.opened_on.isoformat(),
        }
    labels.append(Pill(text))
    if client.activity:
        labels.append(Pill(choice(Activity, client.activity)))
    if client.calls_refused:
        labels.append(Pill(_("No calls"), "late"))
    return labels


def _risk_pill(client: Client) -> Pill:
    if not client.risk_grade:
        return Pill(_("Risk not assessed"), "warn")
    expires = client.risk_expires_on
    day = {"grade": client.risk_grade, "day": expires.isoformat() if expires else "—"}
    if expires and expires < today():
        return Pill(_("%(grade)s · expired %(day)s") % day, "late")
    tone = "warn" if _expires_soon(expires) else ""
    return Pill(_("%(grade)s · until %(day)s") % day, tone)


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
    """Known facts of the client, unknown ones omitted."""
    rows = [
        (_("Kind"), choice(Kind, client.kind) if client.kind != "person" else ""),
        (_("Calls"), _hours(client)),
        (_("How to reach"), client.contact_note),
        (_("Birthday"), client.birthday.isoformat() if client.birthday else ""),
        (_("Income level"), choice(IncomeLevel, client.income_level)),
        (_("Investment size"), choice(InvestmentSize, client.investment_size)),
        (_("Investment style"), choice(InvestmentStyle, client.investment_style)),
        (_("Commission tier"), choice(CommissionTier, client.commission_tier)),
        (_("Prospect type"), choice(ProspectType, client.prospect_type)),
        (_("Source"), choice(Source, client.source)),
        (_("Branch"), str(client.branch)),
        (_("Recorded on"), client.recorded_on.isoformat()),
        (_("Last contact"), client.last_contact_on.isoformat() if client.last_contact_on else ""),
    ]
    return [Fact(label, str(text)) for label, text in rows if text]


def _hours(client: Client) -> str:
    if client.calls_refused or client.call_from is None or client.call_until is None:
        return ""
    return f"{client.call_from:%H:%M}–{client.call_until:%H:%M}"


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


def next_step(client: Client, numbers: list[Number], offered: list[Step | None]) -> Step | None:
    """The best suggested step, of the file and of the apps above."""
    steps = [step for step in offered if step is not None]
    url = client.get_absolute_url()
    if client.lifecycle == Lifecycle.CLOSED:
        return None
    if not any(number.kind == "phone" for number in numbers):
        steps.append(
            Step(5, _("Record a phone number: nobody can call this client."), f"{url}edit/")
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
        steps.append(Step(15, wording % figures, f"{url}edit/"))
    elif not client.risk_grade and client.lifecycle == Lifecycle.CLIENT:
        text = _("Have the risk test done: without a grade nothing may be recommended.")
        steps.append(Step(16, text, f"{url}edit/"))
    for number in numbers:
        if number.warns:
            text = _("Ask for a new %(paper)s: %(note)s.") % {
                "paper": number.label,
                "note": number.note,
            }
            steps.append(Step(20, text, f"{url}edit/"))
    return min(steps, key=lambda step: step.rank, default=None)
