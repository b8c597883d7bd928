"""Policies: numbers of the rules of the trade, declared beside what reads them.

The values in force stand in rows, by branch and date; ``staff.policies`` reads them. Here is what
a number means, its unit and bounds, and what a new installation begins with.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, pgettext_lazy

from crm.registry import Registry

Type = Literal["integer", "decimal", "yes_no", "hour"]
# A number is not negative, and that is all.
ANY = (0, 10**13)
_BOUNDS: dict[Type, tuple[int, int]] = {
    "integer": ANY,
    "decimal": ANY,
    "yes_no": (0, 1),
    "hour": (0, 24),
}
OWN = gettext_noop("Firm's own setting")


class MissingPolicy(Exception):
    """A number that the rules ask for is in no policy row in force."""


@dataclass(frozen=True)
class PolicyDefinition:
    """What the number of ``key`` decides.

    ``type``: ``integer`` is cut to whole numbers by its reader; ``yes_no`` is 1 or 0; ``hour`` is
    an hour of the day, 21.5 for half past nine in the evening.
    ``unit``: as stored in rows; ``unit_words`` says it in the reader's language.
    ``default``: the value of the row that ships.
    ``meaning``: lazy words; nobody who edits a number should have to guess from its key.
    ``citation``: the source of the rule, as the row that ships says it: a marked msgid.
    ``verified``: whether somebody has checked the number against its source.
    ``bounds``: the least and the most, both ends included: a slip of the finger must not purge
    every prospect or stop the planning. Empty: those of the type.
    ``scope``: ``firm`` where a branch's row would hold nowhere, so none is taken.
    ``without_row``: what holds where no row is in force: the default, nothing, or a refusal
    (``MissingPolicy``).
    """

    key: str
    type: Type
    unit: str
    default: int
    meaning: str | Promise
    citation: str = OWN
    verified: bool = True
    bounds: tuple[int, int] | None = None
    scope: Literal["firm", "branch"] = "branch"
    without_row: Literal["default", "nothing", "refusal"] = "default"

    @property
    def least(self) -> int:
        return (self.bounds or _BOUNDS[self.type])[0]

    @property
    def most(self) -> int:
        return (self.bounds or _BOUNDS[self.type])[1]


registry: Registry[PolicyDefinition] = Registry("policies")
register = registry.register

_YES_OR_NO = pgettext_lazy("unit of a policy", "1 yes, 0 no")
_TRADING_DAYS = pgettext_lazy("unit of a policy", "trading days")
UNITS: dict[str, str | Promise] = {
    "0/1": _YES_OR_NO,
    "yes_no": _YES_OR_NO,
    "yes/no": _YES_OR_NO,
    "attempts": pgettext_lazy("unit of a policy", "attempts"),
    "cadences": pgettext_lazy("unit of a policy", "cadences"),
    "callbacks": pgettext_lazy("unit of a policy", "callbacks"),
    "clients": pgettext_lazy("unit of a policy", "clients"),
    "CNY": pgettext_lazy("unit of a policy", "CNY"),
    "days": pgettext_lazy("unit of a policy", "days"),
    "hour": pgettext_lazy("unit of a policy", "o'clock"),
    "months": pgettext_lazy("unit of a policy", "months"),
    "outcomes": pgettext_lazy("unit of a policy", "outcomes"),
    "percent": pgettext_lazy("unit of a policy", "per cent"),
    "times_a_year": pgettext_lazy("unit of a policy", "times a year"),
    "trading days": _TRADING_DAYS,
    "trading_days": _TRADING_DAYS,
}


def meaning(key: str) -> str:
    """What the number of ``key`` decides; the key of a firm's own number as it is."""
    known = registry.get(key)
    return str(known.meaning) if known else key


def unit_words(unit: str) -> str:
    """A stored unit in words; a firm's own as it was written."""
    return str(UNITS.get(unit, unit))


def number_words(value: Decimal) -> str:
    """A number without idle zeros."""
    return f"{value.normalize():,f}"


def bounds(key: str) -> tuple[int, int]:
    """The least and the most that the number of ``key`` may be."""
    known = registry.get(key)
    return (known.least, known.most) if known else ANY


def of_firm_only(key: str) -> bool:
    """Whether a branch cannot have a number of its own."""
    known = registry.get(key)
    return known is not None and known.scope == "firm"


def citation_words(citation: str) -> str:
    """A citation that ships, in the reader's language; a firm's own as it was written."""
    ships = any(known.citation == citation for known in registry)
    return gettext(citation) if ships else citation
