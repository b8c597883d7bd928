"""What a rule would do before it is in force, and which rules get in each other's way (D-03).

The preview puts the rule in force inside a savepoint, asks the same statement that classifies, and
takes everything back: what is shown is what would happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from clients.classification import BEST
from clients.models import (
    Client,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    RiskGrade,
    Segment,
    SegmentRule,
)
from crm.trading_days import today
from staff.models import OWNERS, Branch, Employee

SAMPLE = 12
DIMENSIONS: dict[str, Any] = {
    "income_levels": IncomeLevel,
    "investment_sizes": InvestmentSize,
    "investment_styles": InvestmentStyle,
    "risk_grades": RiskGrade,
    "lifecycles": Lifecycle,
}
_MOVES = f"""
    SELECT c.segment_id, COALESCE(best.segment_id, fallback.id), count(*),
           (array_agg(c.id ORDER BY c.id))[1:{SAMPLE}]
    FROM clients_client c
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN clients_segment fallback ON fallback.is_default
    {BEST}
    WHERE NOT c.segment_pinned AND c.merged_into_id IS NULL
      AND (%(path)s::text IS NULL OR b.path LIKE %(path)s || '%%')
    GROUP BY 1, 2
"""  # noqa: S608


@dataclass(frozen=True)
class Move:
    """Clients that would go from one segment to another."""

    origin: Segment
    target: Segment
    count: int


@dataclass
class Preview:
    """What would change: per segment the clients before and after, who moves, and some of them."""

    before: dict[int, int]
    after: dict[int, int]
    managers: int
    segments: dict[int, Segment]
    moves: list[Move] = field(default_factory=list)
    sample: list[Client] = field(default_factory=list)

    @property
    def moving(self) -> int:
        return sum(move.count for move in self.moves)

    @property
    def changed(self) -> list[tuple[Segment, int, int]]:
        """Segments whose number of clients changes, with the number before and after."""
        keys = [key for key in self.segments if self.before.get(key) != self.after.get(key)]
        return [
            (self.segments[key], self.before.get(key, 0), self.after.get(key, 0)) for key in keys
        ]


class _TakenBack(Exception):
    """Ends the savepoint of a preview."""


def preview(*, area: Branch | None, viewer: Employee, put: Callable[[], object]) -> Preview:
    """What ``put`` (which saves a rule) would do to the clients of ``area``, ``None`` the firm.

    Nothing of it stays. Raises what ``put`` raises.
    """
    found: list[tuple[int, int, int, list[int]]] = []
    try:
        with transaction.atomic():
            put()
            found = _ask(area)
            segments = {segment.pk: segment for segment in Segment.objects.order_by("tier", "pk")}
            raise _TakenBack
    except _TakenBack:
        pass
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    moves, keys = [], []
    for origin, target, count, some in found:
        before[origin] = before.get(origin, 0) + count
        after[target] = after.get(target, 0) + count
        if origin != target:
            moves.append(Move(segments[origin], segments[target], count))
            keys += some
    moves.sort(key=lambda move: -move.count)
    rows = Client.objects.visible_to(viewer).filter(pk__in=keys[:200]).select_related("segment")
    return Preview(
        before=before,
        after=after,
        managers=_managers(area),
        segments=segments,
        moves=moves,
        sample=list(rows[:SAMPLE]),
    )


def _ask(area: Branch | None) -> list[tuple[int, int, int, list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, {"today": today(), "path": area.path if area else None})
        return list(cursor.fetchall())


def _managers(area: Branch | None) -> int:
    """Employees who may serve clients there."""
    people = Employee.objects.filter(is_active=True, role__in=OWNERS)
    return people.filter(branch__path__startswith=area.path).count() if area else people.count()


def counts(viewer: Employee) -> dict[int, int]:
    """Clients in sight per segment."""
    rows = Client.objects.visible_to(viewer).filter(merged_into=None).order_by()
    return dict(rows.values_list("segment").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Clash:
    """One rule gets in the way of another; ``hidden`` if nothing is left for the second."""

    first: SegmentRule
    second: SegmentRule
    hidden: bool

    def __str__(self) -> str:
        names = {"first": self.first.segment, "second": self.second.segment}
        if self.hidden:
            return _("%(second)s never takes anybody: %(first)s takes them all first.") % names
        return _("Some match both %(first)s and %(second)s; the first one takes them.") % names


def clashes(rules: list[SegmentRule]) -> list[Clash]:
    """Rules that nothing is left for, and rules that overlap with one of another segment.

    Rules are compared as they are tried: the nearest branch first, then the lowest priority. One
    that asks strictly more than a later one is what priorities are for, and is not reported.
    """
    ordered = sorted(rules, key=lambda rule: (-_depth(rule), rule.priority, rule.segment_id))
    found = []
    for place, second in enumerate(ordered):
        for first in ordered[:place]:
            if not _holds_in(first, second) or not _meet(first, second):
                continue
            if _covers(first, second) and _above(first, second):
                found.append(Clash(first, second, hidden=True))
                break
            if not _covers(second, first):
                found.append(Clash(first, second, hidden=False))
    return found


def _depth(rule: SegmentRule) -> int:
    branch = rule.segment.branch
    return len(branch.path) if branch else 0


def _holds_in(first: SegmentRule, second: SegmentRule) -> bool:
    """Whether there are branches in which both rules hold."""
    one, other = first.segment.branch, second.segment.branch
    if one is None or other is None:
        return True
    return one.path.startswith(other.path) or other.path.startswith(one.path)


def _above(first: SegmentRule, second: SegmentRule) -> bool:
    """Whether the first rule holds wherever the second one does."""
    one, other = first.segment.branch, second.segment.branch
    return one is None or (other is not None and other.path.startswith(one.path))


def _covers(first: SegmentRule, second: SegmentRule) -> bool:
    """Whether whoever matches the second rule matches the first one too."""
    for name in DIMENSIONS:
        wide, narrow = set(getattr(first, name)), set(getattr(second, name))
        if wide and not (narrow and narrow <= wide):
            return False
    return True


def _meet(first: SegmentRule, second: SegmentRule) -> bool:
    """Whether somebody may match both."""
    for name in DIMENSIONS:
        one, other = set(getattr(first, name)), set(getattr(second, name))
        if one and other and not one & other:
            return False
    return True


def in_words(rule: SegmentRule) -> str:
    """A rule as a sentence part: ``large or very large assets · aggressive``."""
    parts = []
    for name, choices in DIMENSIONS.items():
        labels = [str(choices(value).label) for value in getattr(rule, name)]
        if labels:
            parts.append(_(" or ").join(labels))
    return " · ".join(parts) or _("everybody")
