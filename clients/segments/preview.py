"""Preview of a rule before it is in force (D-03).

The preview asks what classifies, with the draft in the place of the rule in force, and locks nothing:
what is shown is what would happen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.signing import Signer
from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from clients.models import Client, Segment, SegmentRule
from clients.segments.classification import BEST_OF
from clients.segments.fields import DIMENSIONS, asked
from crm.trading_days import today
from staff.models import OWNERS, Branch, Employee

SAMPLE = 12
# A segment that is not saved yet comes last among equals.
NEW = 2**31 - 1
# The clients are few kinds, each asked for its rule once; the draft stands in the place of what is
# in force of its segment. A kind is what the rules ask of a client, and no more.
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
        SELECT c.segment_id, c.branch_id, {{values}}
               count(*) AS n, (array_agg(c.id))[1:{SAMPLE}] AS some
        FROM clients_client c
        JOIN staff_branch b ON b.id = c.branch_id
        WHERE NOT c.segment_pinned AND c.merged_into_id IS NULL
          AND (%(path)s::text IS NULL OR b.path LIKE %(path)s || '%%')
        GROUP BY c.segment_id, c.branch_id{{names}}
    )
    SELECT c.segment_id, COALESCE(best.segment_id, fallback.id), c.n, c.some
    FROM kinds c
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN clients_segment fallback ON fallback.is_default
    {BEST_OF.format(rules="rules", segments="segments", asked="{asked}")}
"""  # noqa: S608
_ASKED = f"""
    SELECT {", ".join(f"COALESCE(bool_or({name} <> '{{}}'), false)" for name in DIMENSIONS)}
    FROM clients_segmentrule WHERE valid_to IS NULL OR valid_to > %s
"""  # noqa: S608


@dataclass(frozen=True)
class Draft:
    """A segment and its rule as they would be saved; a rule of ``None``: no rule any more."""

    segment: Segment
    criteria: dict[str, Any] | None

    @property
    def rule(self) -> SegmentRule | None:
        """The rule, of the segment that need not be saved yet; not to be saved."""
        if self.criteria is None:
            return None
        return SegmentRule(segment=self.segment, valid_from=today(), **self.criteria)

    def seal(self, base: SegmentRule | None) -> str:
        """A signature of draft and present state: only the previewed change is applied."""
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
    """The effect: clients per segment before and after, number of moves, and some examples."""

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
    """The effect of ``draft`` on the clients of ``area``, ``None`` the firm; writes nothing."""
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
    drafted: dict[str, Any] = dict.fromkeys(("priority", *DIMENSIONS)) | (draft.criteria or {})
    drafted |= {"segment": draft.segment.pk, "branch": draft.segment.branch_id}
    drafted |= {"today": today(), "path": area.path if area else None}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [today()])
        known = dict(zip(DIMENSIONS, cursor.fetchone(), strict=True))
        names = [name for name in DIMENSIONS if known[name] or drafted[name]]
        sql = _KINDS.format(
            values="".join(f"{DIMENSIONS[name].sql} AS {name}, " for name in names),
            names="".join(f", {DIMENSIONS[name].sql}" for name in names),
            asked=asked(names, lambda name: f"c.{name}") or "true",
        )
        cursor.execute(sql, drafted)
        return list(cursor.fetchall())


def _managers(area: Branch | None) -> int:
    """Employees who may serve clients there."""
    people = Employee.objects.filter(is_active=True, role__in=OWNERS)
    return people.filter(branch__path__startswith=area.path).count() if area else people.count()


def counts(viewer: Employee) -> dict[int, int]:
    """Clients in sight per segment."""
    rows = Client.objects.visible_to(viewer).filter(merged_into=None).order_by()
    return dict(rows.values_list("segment").annotate(n=Count("pk")))


def in_words(rule: SegmentRule) -> str:
    """A rule as a sentence part: ``large or very large assets · aggressive``."""
    parts = []
    for name, dimension in DIMENSIONS.items():
        labels = [str(dimension.choices(value).label) for value in getattr(rule, name)]
        if labels:
            parts.append(str(dimension.phrase) % {"values": _(" or ").join(labels)})
    return " · ".join(parts) or _("everybody")
