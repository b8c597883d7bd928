"""Features of the probability: known before the call, and on no barred ground.

Each feature names the grounds that it stands for. Those of ``ALWAYS_BARRED`` never get in; others
are barred by policy rows ``ranking_excluded_<ground>`` (1: nobody is scored on it). What an opened
account overwrites (investment size, income, risk grade) or what only the call brings (duration,
outcome, satisfaction) is no feature at all; nor is the age, as the birthday is mostly taken down at
the opening, so that knowing it would tell who opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.policies import of_firm_with_prefix

ALWAYS_BARRED = frozenset({"sex", "marital"})
GROUNDS = "ranking_excluded_"


@dataclass(frozen=True)
class Feature:
    """One column: ``sql`` over the aliases of ``SOURCE``; a category is text, a number a number."""

    name: str
    label: str | Promise
    kind: Literal["category", "number"]
    sql: str
    grounds: frozenset[str] = frozenset()


FEATURES: tuple[Feature, ...] = (
    Feature("stage", _("stage"), "category", "s.key"),
    Feature("prospect_type", _("prospect type"), "category", "k.prospect_type"),
    Feature("source", _("source"), "category", "k.source"),
    Feature("client_kind", _("kind of client"), "category", "k.kind"),
    Feature(
        "referred",
        _("referred by a client"),
        "category",
        "CASE WHEN k.referred_by_id IS NULL THEN 'no' ELSE 'yes' END",
    ),
    Feature("days_known", _("days since recorded"), "number", "q.day - c.recorded_on"),
    Feature("days_open", _("days in progress"), "number", "q.day - o.created_on"),
    Feature("contacts", _("contacts so far"), "number", "coalesce(v.made, 0)"),
    Feature("reached", _("contacts that reached the client"), "number", "coalesce(v.reached, 0)"),
    Feature("days_silent", _("days since the last contact"), "number", "q.day - v.last_on"),
    Feature("last_step", _("what the last contact agreed"), "category", "v.last_step"),
)

# What is on record of client ``c`` when the day ``q.day`` begins: an event keeps the row as it was
# before a change, so the first one since then has it. Filled in later, it would tell the outcome.
KNOWN = f"""
    (SELECT * FROM (
        SELECT e.pgh_id, e.prospect_type, e.source, e.kind, e.referred_by_id
        FROM clients_clientevent e
        WHERE e.pgh_obj_id = c.id
          AND e.pgh_created_at >= q.day::timestamp AT TIME ZONE '{settings.TIME_ZONE}'
        UNION ALL SELECT NULL, c.prospect_type, c.source, c.kind, c.referred_by_id
    ) known ORDER BY pgh_id NULLS LAST LIMIT 1)
"""  # noqa: S608
# Everything is read as of the day ``q.day``; contacts of that day and later are not yet known.
SOURCE = f"""
    JOIN pipeline_opportunity o ON o.id = q.opportunity_id
    JOIN clients_client c ON c.id = o.client_id
    JOIN pipeline_stage s ON s.id = q.stage_id
    CROSS JOIN LATERAL {KNOWN} k
"""
CONTACTS = """
    LEFT JOIN (
        SELECT q.opportunity_id, q.day, count(*) AS made, count(*) FILTER (WHERE v.reached) AS reached,
               max(v.occurred_on) FILTER (WHERE v.reached) AS last_on,
               (array_agg(v.next_step ORDER BY v.occurred_at DESC))[1] AS last_step
        FROM (SELECT DISTINCT opportunity_id, day FROM {cases}) q
        JOIN pipeline_opportunity o ON o.id = q.opportunity_id
        JOIN visits_visit v ON v.client_id = o.client_id
        WHERE v.occurred_on < q.day AND NOT v.void AND NOT v.confidential
        GROUP BY q.opportunity_id, q.day
    ) v ON v.opportunity_id = q.opportunity_id AND v.day = q.day
"""


def barred(on: date) -> frozenset[str]:
    """Grounds on which nobody is scored on that day."""
    numbers = of_firm_with_prefix(GROUNDS, on=on)
    found = {key for key, value in numbers.items() if value}
    return ALWAYS_BARRED | {key.removeprefix(GROUNDS) for key in found}


def allowed(grounds: Iterable[str]) -> tuple[Feature, ...]:
    """Features based on none of these grounds, nor on those always barred."""
    out = ALWAYS_BARRED | set(grounds)
    return tuple(feature for feature in FEATURES if not feature.grounds & out)


def columns(features: Iterable[Feature]) -> str:
    """The features as columns of a SELECT, named after themselves."""
    casts = {"category": "text", "number": "float8"}
    return ", ".join(f"({f.sql})::{casts[f.kind]} AS {f.name}" for f in features)


def source(cases: str) -> str:
    """The FROM of ``columns``; ``cases`` names rows (opportunity_id, stage_id, day)."""
    return f"{cases} q {SOURCE} {CONTACTS.format(cases=cases)}"
