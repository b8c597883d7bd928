"""Conflicts between rules of segments (D-03).

A rule takes a box: of each field the values that it lists, or all of them, unknown included. What a
rule leaves of another one's box is a few smaller boxes, so fields may be many: their combinations
are never counted out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clients.models import Segment, SegmentRule
from clients.segments.fields import DIMENSIONS

# Of each field the values that are taken, a bit for each; the last bit is unknown.
Box = tuple[int, ...]


@dataclass(frozen=True)
class Clash:
    """Rules that overlap another one; ``hidden`` if they leave nothing for it."""

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
    boxes = [_box(rule) for rule in ordered]
    conflicts = []
    for place, second in enumerate(ordered):
        earlier = list(zip(ordered[:place], boxes, strict=False))
        above = [(rule, box) for rule, box in earlier if _above(rule, second)]
        if not _left(boxes[place], (box for _rule, box in above)):
            conflicts.append(Clash(_needed(above, boxes[place]), second, hidden=True))
            continue
        for first, box in earlier:
            # Where the first one lies within the second, it picks some of its clients.
            if (
                _holds_in(first, second)
                and _meet(box, boxes[place])
                and _without(box, boxes[place])
            ):
                conflicts.append(Clash((first,), second, hidden=False))
    return conflicts


def _needed(above: list[tuple[SegmentRule, Box]], second: Box) -> tuple[SegmentRule, ...]:
    """Of rules that together leave nothing of ``second``, those that it takes, in their order."""
    needed = [(rule, box) for rule, box in above if _meet(box, second)]
    for entry in needed[::-1]:
        others = [other for other in needed if other is not entry]
        if not _left(second, (box for _rule, box in others)):
            needed = others
    return tuple(rule for rule, _box in needed)


def _left(whole: Box, takers: Iterable[Box]) -> list[Box]:
    """The rest of ``whole`` without the takers, as disjoint boxes."""
    left = [whole]
    for taker in takers:
        left = [piece for box in left for piece in _without(box, taker)]
    return left


def _without(box: Box, other: Box) -> list[Box]:
    """The part of ``box`` outside ``other``, as disjoint boxes."""
    if not _meet(box, other):
        return [box]
    pieces, rest = [], box
    for place, values in enumerate(other):
        if outside := rest[place] & ~values:
            pieces.append((*rest[:place], outside, *rest[place + 1 :]))
            rest = (*rest[:place], rest[place] & values, *rest[place + 1 :])
    return pieces


def _meet(one: Box, other: Box) -> bool:
    return all(a & b for a, b in zip(one, other, strict=True))


def _box(rule: SegmentRule) -> Box:
    sides = []
    for name, dimension in DIMENSIONS.items():
        known = dimension.choices.values
        listed = getattr(rule, name)
        bits = sum(1 << place for place, value in enumerate(known) if value in listed)
        everybody = (1 << len(known) + (not dimension.is_always_known)) - 1
        sides.append(bits if listed else everybody)
    return tuple(sides)


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
