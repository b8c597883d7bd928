"""Sentences about callbacks and visits, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import Client
from crm import trading_days
from visits.models import (
    BY_HAND,
    Callback,
)

STARS = ("", "★☆☆☆☆", "★★☆☆☆", "★★★☆☆", "★★★★☆", "★★★★★")


CHANNEL_ICONS = {"phone": "phone", "wechat": "message", "sms": "message", "in_person": "meeting"}


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
    """The cause of a callback's due date, from the callback, its plan and its client."""

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
