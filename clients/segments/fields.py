"""Fields of clients that a segment's rule may use (D-03, D-07, D-17).

A rule lists the values that it takes of each field, and an empty list asks nothing. Classification,
preview, forms and history go by this table; a new field is a column of SegmentRule and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import (
    Activity,
    AgeBand,
    CommissionTier,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Kind,
    Lifecycle,
    ProspectType,
    RiskGrade,
)


@dataclass(frozen=True)
class Dimension:
    """A field of rules: the values to choose from, and the client's own one in SQL.

    ``sql`` is over a row ``c`` with a client's columns and the parameter ``today``; '' is unknown.
    ``phrase`` puts values into a rule's words, where they do not say themselves what they are of.
    """

    label: str | Promise
    choices: Any
    sql: str
    is_always_known: bool = False
    phrase: str | Promise = "%(values)s"


# Where a band of ages ends, in whole years.
AGES = (
    (30, AgeBand.UNDER_30),
    (45, AgeBand.UNDER_45),
    (60, AgeBand.UNDER_60),
    (70, AgeBand.UNDER_70),
)
_AGE = f"""CASE WHEN c.birthday IS NULL THEN ''
    {
    " ".join(
        f"WHEN c.birthday > (%(today)s::date - interval '{years} years')::date THEN '{band.value}'"
        for years, band in AGES
    )
} ELSE '{AgeBand.OLDER.value}' END"""

# In the order of the form.
DIMENSIONS: dict[str, Dimension] = {
    "income_levels": Dimension(
        _("Income levels"), IncomeLevel, "c.income_level", phrase=_("Income: %(values)s")
    ),
    "investment_sizes": Dimension(_("Investment sizes"), InvestmentSize, "c.investment_size"),
    "investment_styles": Dimension(_("Investment styles"), InvestmentStyle, "c.investment_style"),
    "commission_tiers": Dimension(_("Commission tiers"), CommissionTier, "c.commission_tier"),
    "risk_grades": Dimension(_("Risk grades"), RiskGrade, "c.risk_grade"),
    "lifecycles": Dimension(_("Lifecycles"), Lifecycle, "c.lifecycle", is_always_known=True),
    "activities": Dimension(_("Activities"), Activity, "c.activity"),
    "prospect_types": Dimension(_("Prospect types"), ProspectType, "c.prospect_type"),
    "kinds": Dimension(_("Kinds"), Kind, "c.kind", is_always_known=True),
    "ages": Dimension(_("Ages"), AgeBand, _AGE),
}
# What a rule asks; a client's segment depends on nothing else of it.
CRITERIA = ("priority", *DIMENSIONS)


def asked(
    names: Iterable[str] = DIMENSIONS,
    value: Callable[[str], str] = lambda name: DIMENSIONS[name].sql,
) -> str:
    """SQL condition: rule ``r`` leaves these fields open, or contains the client's ``value``."""
    return " AND ".join(f"(r.{name} = '{{}}' OR {value(name)} = ANY (r.{name}))" for name in names)
