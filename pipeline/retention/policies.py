"""Numbers of the rules for prospects, as in force per branch (docs/rules.md#personal-data)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from staff.models import Branch, Policy

RETENTION = "prospect.retention_days"
NOTICE = "prospect.retention_notice_days"


class MissingPolicy(Exception):
    """A number that the rules ask for is in no policy row in force."""


def retention_days(branch: Branch, on: date) -> int:
    """Retention time of prospects of the branch, in days after the last contact."""
    return _number(RETENTION, branch, on)


def notice_days(branch: Branch | None, on: date) -> int:
    """Days before its purge that a prospect is listed."""
    return _number(NOTICE, branch, on)


def _number(key: str, branch: Branch | None, on: date) -> int:
    row = Policy.objects.in_force(key, on=on, branch=branch)
    if row is None:
        raise MissingPolicy(key)
    return int(row.value)


def branches_by_retention(on: date) -> dict[int, list[int]]:
    """Keys of all branches by the days that hold there; one question for the firm.

    A branch for which no row holds is left out: what no rule covers is not purged.
    """
    rows = Policy.objects.valid_on(on).filter(key=RETENTION).order_by("valid_from")
    days = {branch: int(value) for branch, value in rows.values_list("branch", "value")}
    branches: dict[int, list[int]] = defaultdict(list)
    for branch in Branch.objects.only("path"):
        above = reversed(branch.ancestor_ids)
        held = next((days[key] for key in [*above, None] if key in days), None)
        if held is not None:
            branches[held].append(branch.pk)
    return dict(branches)
