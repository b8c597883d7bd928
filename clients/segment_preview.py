"""What a rule would do before it is in force, and which rules get in each other's way (D-03).

The preview asks what classifies, with the draft in the place of the rule in force, and locks nothing:
what is shown is what would happen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from math import prod
from typing import Any

from django.core.signing import Signer
from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from clients.classification import BEST_OF
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
# A segment that is not saved yet comes last among equals.
NEW = 2**31 - 1
# The clients are few kinds, each asked for its rule once; the draft stands in the place of what is
# in force of its segment.
_KINDS = f"""
    WITH rules AS (
        SELECT id, segment_id, priority, valid_from, valid_to, {", ".join(DIMENSIONS)}
        FROM clients_segmentrule WHERE segment_id <> %(segment)s
        UNION ALL
        SELECT 0, %(segment)s, %(priority)s, %(today)s, NULL::date,
               {", ".join(f"%({name})s::varchar[]" for name in DIMENSIONS)}
        WHERE %(priority)s::int IS NOT NULL
    ), segments AS (
        SELECT id, branch_id FROM clients_segment
        UNION ALL
        SELECT %(segment)s, %(branch)s WHERE %(segment)s = {NEW}
    ), kinds AS (
        SELECT c.segment_id, c.branch_id, c.income_level, c.investment_size, c.investment_style,
               c.risk_grade, c.lifecycle, count(*) AS n, (array_agg(c.id))[1:{SAMPLE}] AS some
        FROM clients_client c
        JOIN staff_branch b ON b.id = c.branch_id
        WHERE NOT c.segment_pinned AND c.merged_into_id IS NULL
          AND (%(path)s::text IS NULL OR b.path LIKE %(path)s || '%%')
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
    SELECT c.segment_id, COALESCE(best.segment_id, fallback.id), c.n, c.some
    FROM kinds c
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN clients_segment fallback ON fallback.is_default
    {BEST_OF.format(rules="rules", segments="segments")}
"""  # noqa: S608


@dataclass(frozen=True)
class Draft:
    """A segment as it would be saved, and what its rule would ask; ``None``: no rule any more."""

    segment: Segment
    criteria: dict[str, Any] | None

    @property
    def rule(self) -> SegmentRule | None:
        """The rule, of the segment that need not be saved yet; not to be saved."""
        if self.criteria is None:
            return None
        return SegmentRule(segment=self.segment, valid_from=today(), **self.criteria)

    def seal(self, base: SegmentRule | None) -> str:
        """A signature of it all, and of what is in force: what happens is what was looked at."""
        one = self.segment
        held = base and [base.pk, base.priority, *(getattr(base, name) for name in DIMENSIONS)]
        asked = [one.pk, one.branch_id, one.name_zh, one.name_en, one.tier, held, self.criteria]
        return Signer(salt="clients.segment_preview").signature(json.dumps(asked, sort_keys=True))


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


def preview(*, area: Branch | None, viewer: Employee, draft: Draft) -> Preview:
    """What ``draft`` would do to the clients of ``area``, ``None`` the firm; nothing is written."""
    segments = {row.pk: row for row in Segment.objects.order_by("tier", "pk")}
    segments[draft.segment.pk] = draft.segment
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    moved: dict[tuple[int, int], int] = {}
    keys: list[int] = []
    for origin, target, count, some in _ask(area, draft):
        before[origin] = before.get(origin, 0) + count
        after[target] = after.get(target, 0) + count
        if origin != target:
            moved[origin, target] = moved.get((origin, target), 0) + count
            keys += some
    moves = [Move(segments[one], segments[other], n) for (one, other), n in moved.items()]
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


def _ask(area: Branch | None, draft: Draft) -> list[tuple[int, int, int, list[int]]]:
    asked: dict[str, Any] = dict.fromkeys(("priority", *DIMENSIONS)) | (draft.criteria or {})
    asked |= {"segment": draft.segment.pk, "branch": draft.segment.branch_id}
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, asked | {"today": today(), "path": area.path if area else None})
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
    """Rules get in the way of another one; ``hidden`` if they leave nothing for it."""

    firsts: tuple[SegmentRule, ...]
    second: SegmentRule
    hidden: bool

    @property
    def first(self) -> SegmentRule:
        return self.firsts[0]

    def concerns(self, segment: Segment) -> bool:
        """Whether a rule of the segment is one of them."""
        return any(rule.segment_id == segment.pk for rule in (*self.firsts, self.second))

    def __str__(self) -> str:
        first = _(" and ").join(str(rule.segment) for rule in self.firsts)
        names = {"first": first, "second": self.second.segment}
        if self.hidden:
            return _("%(second)s never takes anybody: %(first)s takes them all first.") % names
        return _("Some match both %(first)s and %(second)s; the first one takes them.") % names


def clashes(rules: list[SegmentRule]) -> list[Clash]:
    """Rules that nothing is left for, and rules that overlap with one of another segment.

    Rules are compared as they are tried: the nearest branch first, then the lowest priority. One
    that asks strictly more than a later one is what priorities are for, and is not reported.
    """
    ordered = sorted(rules, key=lambda rule: (-_depth(rule), rule.priority, rule.segment_id))
    grids = [_grid(rule) for rule in ordered]
    found = []
    for place, second in enumerate(ordered):
        above, left = [], grids[place]
        for first, grid in zip(ordered[:place], grids, strict=False):
            if _above(first, second) and left & grid:
                above.append(first)
                left &= ~grid
        if not left:
            found.append(Clash(_needed(above, second), second, hidden=True))
            continue
        for first, grid in zip(ordered[:place], grids, strict=False):
            # Where the first one lies within the second, it picks some of its clients.
            if _holds_in(first, second) and grid & grids[place] and grid & ~grids[place]:
                found.append(Clash((first,), second, hidden=False))
    return found


def _needed(rules: list[SegmentRule], second: SegmentRule) -> tuple[SegmentRule, ...]:
    """Of rules that together leave nothing for the second one, those that it takes."""
    needed = list(rules)
    for rule in rules:
        rest = 0
        for other in needed:
            rest |= _grid(other) if other is not rule else 0
        if not _grid(second) & ~rest:
            needed.remove(rule)
    return tuple(needed)


def _grid(rule: SegmentRule) -> int:
    """Whom a rule matches: a bit for each combination of values, unknown ones included."""
    columns, full = _columns()
    found = full
    for name in DIMENSIONS:
        if values := getattr(rule, name):
            column = 0
            for value in values:
                column |= columns.get((name, value), 0)
            found &= column
    return found


@cache
def _columns() -> tuple[dict[tuple[str, str], int], int]:
    """The combinations with each value of each dimension, and all of them."""
    values = [
        [*choices.values, *([] if name == "lifecycles" else [""])]
        for name, choices in DIMENSIONS.items()
    ]
    columns: dict[tuple[str, str], int] = {}
    for place, kind in enumerate(product(*values)):
        for key in zip(DIMENSIONS, kind, strict=True):
            columns[key] = columns.get(key, 0) | 1 << place
    return columns, (1 << prod(map(len, values))) - 1


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


def in_words(rule: SegmentRule) -> str:
    """A rule as a sentence part: ``large or very large assets · aggressive``."""
    parts = []
    for name, choices in DIMENSIONS.items():
        labels = [str(choices(value).label) for value in getattr(rule, name)]
        if labels:
            parts.append(_(" or ").join(labels))
    return " · ".join(parts) or _("everybody")
