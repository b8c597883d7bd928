"""The numbers of the rules for prospects, and for how long which branches keep them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.policies import PolicyDefinition
from staff.models import Branch
from staff.policies import by_path, nearest_of, number

CITATION = gettext_noop(
    "Firm's own setting; PIPL arts 19 and 47 (shortest time needed, deletion after it)"
)
RETENTION = PolicyDefinition(
    key="prospect.retention_days",
    type="integer",
    unit="days",
    default=730,
    meaning=_("Days a prospect who never converts is kept after the last contact"),
    citation=CITATION,
    bounds=(30, 3660),
    without_row="refusal",
)
NOTICE = PolicyDefinition(
    key="prospect.retention_notice_days",
    type="integer",
    unit="days",
    default=30,
    meaning=_("Days before deletion that a prospect is listed as expiring"),
    citation=CITATION,
    bounds=(0, 366),
    without_row="refusal",
)
POLICIES = (RETENTION, NOTICE)


def retention_days(branch: Branch, on: date) -> int:
    """Days that a prospect of the branch is kept after the last contact.

    Raises MissingPolicy where no row is in force.
    """
    return int(number(RETENTION, on=on, branch=branch))


def notice_days(branch: Branch | None, on: date) -> int:
    """Days before its purge that a prospect is listed.

    Raises MissingPolicy where no row is in force.
    """
    return int(number(NOTICE, on=on, branch=branch))


def branches_by_retention(on: date) -> dict[int, list[int]]:
    """Keys of all branches by the days that hold there; one question for the firm.

    A branch for which no row holds is left out: what no rule covers is not purged.
    """
    days = by_path([RETENTION], on=on)[RETENTION.key]
    found: dict[int, list[int]] = defaultdict(list)
    for branch in Branch.objects.only("path"):
        held = nearest_of(days, branch)
        if held is not None:
            found[int(held)].append(branch.pk)
    return dict(found)
