"""Keys and citations of policies that ship, their numbers for whole branches (docs/rules.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext, gettext_noop

# One model is learnt for the whole firm: a branch's row would hold nowhere, so none is taken.
FIRM_ONLY = frozenset(
    {
        "ranking_excluded_age",
        "ranking_excluded_marital",
        "ranking_excluded_sex",
        "ranking_min_each",
        "ranking_min_outcomes",
        "ranking_prior_strength",
        "ranking_training_days",
    }
)

# What a number may be, both ends included: a slip of the finger must not purge every prospect or
# stop the planning. A number of the firm's own is not negative, and that is all.
RANGES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            "calendar_client_names",
            "export_by_managers",
            "ranking_excluded_age",
            "ranking_excluded_marital",
            "ranking_excluded_sex",
        ),
        (0, 1),
    ),
    "callback_daily_capacity": (0, 1000),
    "contact_gap_days": (0, 60),
    "contact_merge_days": (0, 90),
    "departure_visit_days": (0, 60),
    "escalation_days": (0, 250),
    "expiry_lead_days": (0, 366),
    "figures_dormant_months": (1, 120),
    "figures_half_dormant_months": (1, 120),
    "new_account_call_days": (0, 250),
    "new_account_window_months": (1, 12),
    "prospect.retention_days": (30, 3660),
    "prospect.retention_notice_days": (0, 366),
    "quiet_from": (0, 24),
    "quiet_to": (0, 24),
    "ranking_training_days": (1, 366),
    "return_visit_extra_days": (0, 366),
    "return_visit_yearly_percent": (0, 100),
    "unreached_attempts": (1, 20),
    "unreached_pause_days": (0, 60),
}
_ANY = (0, 10**13)

# As the migrations wrote them; shown in the reader's language, while a firm's own words stay theirs.
CITATIONS = (
    gettext_noop("Firm's own setting"),
    gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
    ),
    gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
        " and SAC rules (2023)"
    ),
    gettext_noop("Firms' return-visit policies; SAC rules (2023)"),
    gettext_noop(
        "Firm's own setting; PIPL arts 19 and 47 (shortest time needed, deletion after it)"
    ),
    gettext_noop("PIPL art. 24"),
)


def range_of(key: str) -> tuple[int, int]:
    """The least and the most that the number of ``key`` may be."""
    return RANGES.get(key, _ANY)


def shown(citation: str) -> str:
    """A citation that ships, in the reader's language; a firm's own as it was written."""
    return gettext(citation) if citation in CITATIONS else citation


def by_branch(name: str, key: str, *, on: date, default: int | None = None) -> dict[str, list[Any]]:
    """Parameters ``<name>_paths`` and ``<name>_values`` for ``nearest``: what is in force of ``key``.

    "/" is the firm, for which ``default`` holds where there is no row.
    """
    defaults = {} if default is None else {key: default}
    return several_by_branch({name: key}, on=on, defaults=defaults)


# Written out, since every planning asks it.
_IN_FORCE = """
SELECT p.key, b.path, p.value FROM staff_policy p LEFT JOIN staff_branch b ON b.id = p.branch_id
WHERE p.key = ANY (%s) AND p.valid_from <= %s AND (p.valid_to IS NULL OR p.valid_to > %s)
ORDER BY p.valid_from
"""


def several_by_branch(
    keys: Mapping[str, str], *, on: date, defaults: Mapping[str, int]
) -> dict[str, list[Any]]:
    """The parameters of ``by_branch`` for several policies, by their names; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [list(keys.values()), on, on])
        rows = cursor.fetchall()
    found: dict[str, dict[str, Decimal | int]] = {
        key: {"/": defaults[key]} if key in defaults else {} for key in keys.values()
    }
    for key, path, value in rows:
        found[key][path or "/"] = value
    parameters: dict[str, list[Any]] = {}
    for name, key in keys.items():
        parameters[f"{name}_paths"] = list(found[key])
        parameters[f"{name}_values"] = list(found[key].values())
    return parameters


def nearest(name: str, kind: str = "numeric") -> str:
    """SQL: the value for the branch ``b`` of what ``by_branch`` found; the nearest branch's row wins."""
    return f"""(
    SELECT p.value FROM unnest(%({name}_paths)s::text[], %({name}_values)s::{kind}[]) p (path, value)
    WHERE starts_with(b.path, p.path) ORDER BY length(p.path) DESC LIMIT 1)"""  # noqa: S608
