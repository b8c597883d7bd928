"""Reads of compliance: the script in force, coverage per branch and year, the rules behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.utils.translation import gettext as _

from compliance.coverage import new_accounts
from compliance.models import YearEnd
from compliance.planning.policies import ALL, YEARLY_PERCENT
from crm import trading_days
from crm.addresses import address, lazy_address
from crm.policies import citation_words, meaning, number_words
from staff.models import Branch, Employee, Policy
from staff.policies import by_path, rows_in_force

VISITS = lazy_address("compliance:visits")


@dataclass(frozen=True)
class Figure:
    """A number and the list that it counts."""

    value: int
    url: str


@dataclass(frozen=True)
class CoverageRow:
    """Coverage of one branch in one year, with the accounts opened in it."""

    name: str
    counted: Figure
    left_out: int
    target: int
    covered: Figure
    to_review: Figure
    open: Figure
    percent: int
    opened: Figure
    opened_covered: Figure
    opened_breach: Figure

    @property
    def is_short(self) -> bool:
        return self.covered.value < self.target


# One statement: clients of the year's end by branch, and what was made for them since. Nobody sees
# figures of clients that they serve or won.
_COVERAGE = """
WITH made AS (
    SELECT COALESCE(c.merged_into_id, c.id) AS root_id,
           bool_or(k.status = 'done' AND r.reviewed_by_id IS NOT NULL) AS covered
    FROM compliance_returnvisit r
    JOIN visits_callback k ON k.id = r.callback_id AND k.status IN ('open', 'done')
    JOIN clients_client c ON c.id = k.client_id
    WHERE r.visited_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)
    GROUP BY 1)
SELECT f.branch_id, count(*) FILTER (WHERE f.left_out = ''),
       count(*) FILTER (WHERE f.left_out <> ''),
       count(*) FILTER (WHERE f.left_out = '' AND made.covered)
FROM compliance_yearendclient f
JOIN compliance_yearend y ON y.id = f.year_end_id AND y.year = %(year)s - 1
JOIN clients_client c ON c.id = f.client_id
LEFT JOIN made ON made.root_id = COALESCE(c.merged_into_id, c.id)
WHERE (%(scope)s::bigint[] IS NULL OR f.branch_id = ANY (%(scope)s::bigint[]))
  AND NOT EXISTS (SELECT FROM clients_assignment a
                  WHERE a.client_id = f.client_id AND a.employee_id = %(viewer)s)
GROUP BY f.branch_id
"""

# Return visits that wait, by the branch of the client.
_WAITING = """
SELECT c.branch_id,
       count(*) FILTER (WHERE k.status = 'done' AND r.reviewed_by_id IS NULL),
       count(*) FILTER (WHERE k.status = 'open')
FROM compliance_returnvisit r
JOIN visits_callback k ON k.id = r.callback_id
JOIN clients_client c ON c.id = k.client_id
WHERE k.merged_into_id IS NULL
  AND (%(scope)s::bigint[] IS NULL OR c.branch_id = ANY (%(scope)s::bigint[]))
  AND NOT EXISTS (SELECT FROM clients_assignment a
                  WHERE a.client_id = c.id AND a.employee_id = %(viewer)s)
GROUP BY c.branch_id
"""


def years() -> list[int]:
    """Years with coverage figures, newest first."""
    return [year + 1 for year in YearEnd.objects.values_list("year", flat=True)]


def coverage(viewer: Employee, year: int) -> list[CoverageRow]:
    """Coverage of the branches in the viewer's scope; six statements."""
    parameters = {
        "year": year,
        "scope": viewer.branch_scope,
        "viewer": viewer.pk,
    }
    frozen = _grouped(_COVERAGE, parameters)
    waiting = _grouped(_WAITING, parameters)
    opened = new_accounts.counts(viewer, year)
    names = Branch.objects.filter(pk__in=[*frozen, *waiting, *opened]).order_by("path")
    percents = _percents(year)
    return [
        _line(
            row,
            year,
            percents,
            frozen.get(row.pk, (0,) * 3),
            (*waiting.get(row.pk, (0,) * 2), *opened.get(row.pk, (0,) * 3)),
        )
        for row in names
    ]


def _grouped(statement: str, parameters: dict[str, Any]) -> dict[int, tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {key: tuple(counts) for key, *counts in cursor.fetchall()}


def _percents(year: int) -> dict[str, float]:
    """Required share in percent by branch path, as in force at the end of the year or today."""
    day = min(trading_days.today(), date(year, 12, 31))
    found = by_path([YEARLY_PERCENT], on=day)[YEARLY_PERCENT.key]
    return {path: float(value) for path, value in found.items()}


def _line(
    branch: Branch,
    year: int,
    percents: dict[str, float],
    frozen: tuple[int, ...],
    made: tuple[int, ...],
) -> CoverageRow:
    counted, left_out, covered = frozen
    to_review, is_open, opened, opened_covered, opened_breach = made
    near = max((path for path in percents if branch.path.startswith(path)), key=len, default="")

    def clients(share: str, value: int) -> Figure:
        query = urlencode({"share": share, "branch": branch.pk})
        return Figure(value, f"{address('compliance:year_end', year)}?{query}")

    def visits(value: int, **chosen: Any) -> Figure:
        return Figure(value, f"{VISITS}?{urlencode({**chosen, 'branch': branch.pk, 'exact': 1})}")

    def accounts(share: str, value: int) -> Figure:
        query = urlencode({"share": share, "branch": branch.pk, "exact": 1})
        return Figure(value, f"{address('compliance:new_accounts', year)}?{query}")

    return CoverageRow(
        name=str(branch),
        counted=clients("counted", counted),
        left_out=left_out,
        target=ceil(counted * percents.get(near, 0) / 100),
        covered=clients("covered", covered),
        to_review=visits(to_review, status="to_review"),
        open=visits(is_open, status="open"),
        percent=int(100 * covered / counted) if counted else 0,
        opened=accounts("opened", opened),
        opened_covered=accounts("accepted", opened_covered),
        opened_breach=accounts("breach", opened_breach),
    )


@dataclass(frozen=True)
class Rule:
    """A number by which return visits are planned, with its source and whether it is verified."""

    words: str
    shown: str
    status: str
    unverified: bool
    branch: str
    citation: str


def rules() -> list[Rule]:
    """The numbers in force today, the firm's first."""
    keys = [policy.key for policy in ALL]
    rows = rows_in_force(ALL, on=trading_days.today()).select_related("branch")
    found = sorted(rows, key=lambda row: (keys.index(row.key), row.branch_id or 0))
    return [
        Rule(
            words=meaning(row.key),
            shown=number_words(row.value),
            status=str(row.get_status_display()),
            unverified=row.status == Policy.Status.UNVERIFIED,
            branch=str(row.branch or _("Whole firm")),
            citation=citation_words(row.citation),
        )
        for row in found
    ]
