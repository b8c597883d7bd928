"""The one rule for small samples: from how many on a share or an average is shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.policies import PolicyDefinition
from crm.trading_days import today
from staff import policies

SMALL_SAMPLE = PolicyDefinition(
    key="small_sample",
    type="integer",
    unit="outcomes",
    default=20,
    meaning=_("Fewest cases of which a share or an average is shown"),
    # A share of nothing cannot be told.
    bounds=(1, 10_000),
    scope="firm",
)


def enough() -> int:
    """Cases below which only counts are shown (docs/figures.md#small-samples); one query."""
    return int(policies.number(SMALL_SAMPLE, on=today()))
