"""Rules of segments change by versions: the one in force ends, the next begins (docs/design.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clients.models import Segment, SegmentRule
from clients.search import name_pinyin
from clients.segments.fields import DIMENSIONS
from clients.segments.tasks import classify_firm
from crm.operations import SegmentAdded, segment_added
from crm.trading_days import today
from staff.models import Branch, Employee


@transaction.atomic
def revise_rule(
    *,
    segment: Segment,
    priority: int,
    on: date | None = None,
    by: Employee | None = None,
    **lists: Sequence[str],
) -> SegmentRule:
    """Put a rule in force from ``on`` (today if not given) and classify the firm after commit.

    ``lists`` are the values taken of each field (``DIMENSIONS``); what is not named asks nothing.

    A rule with the same content stays as it is; one that began on the same day is corrected in
    place. Raises ValidationError for the default segment, which takes what no rule matches.
    """
    on = on or today()
    if segment.is_default:
        raise ValidationError(_("The default segment has no rule: it takes what is left."))
    if unknown := set(lists) - set(DIMENSIONS):
        raise TypeError(f"No field of rules: {', '.join(sorted(unknown))}")
    wanted: dict[str, Any] = {name: list(lists.get(name, ())) for name in DIMENSIONS}
    wanted |= {"priority": priority}
    rule = _in_force(segment)
    if rule and all(getattr(rule, name) == value for name, value in wanted.items()):
        return rule
    if rule and rule.valid_from >= on:
        SegmentRule.objects.filter(pk=rule.pk).update(**wanted)
        rule.refresh_from_db()
    else:
        if rule:
            SegmentRule.objects.filter(pk=rule.pk).update(valid_to=on)
        rule = SegmentRule.objects.create(segment=segment, valid_from=on, by=by, **wanted)
    _classify_after_commit()
    return rule


class RuleConflict(Exception):
    """Another rule was put in force meanwhile."""


@transaction.atomic
def save_segment(
    *,
    segment: Segment | None,
    branch: Branch | None,
    names: dict[str, Any],
    criteria: dict[str, Any],
    base: int,
    by: Employee | None,
    like: Segment | None = None,
) -> Segment:
    """Save a segment with its rule as a whole; a new one belongs to ``branch`` (None: the firm).

    One that goes in force without a plan is contacted as the segment ``like`` is (the default one if
    not given), so that nobody drops out of contact. Raises ValidationError where that one is not contacted by plan.

    ``base`` is the key of the rule that the person saw, 0 for none. Raises RuleConflict where
    another one is in force by now.
    """
    if segment is None:
        segment = Segment.objects.create(key=_free_key(names, branch), branch=branch, **names)
    else:
        _same(_in_force(segment), base)
        Segment.objects.filter(pk=segment.pk).update(**names)
    if _in_force(segment) is None:
        take_after(segment, like)
    revise_rule(segment=segment, by=by, **criteria)
    return segment


def take_after(segment: Segment, like: Segment | None = None) -> None:
    """Have a segment that has no plan contacted as ``like`` is, or as the default one."""
    like = like or Segment.objects.get(is_default=True)
    segment_added.run(SegmentAdded(segment=segment, like=like))


def _same(held: SegmentRule | None, base: int) -> None:
    if (held.pk if held else 0) != base:
        raise RuleConflict


def _free_key(names: dict[str, Any], branch: Branch | None) -> str:
    """A short name for the command line, from the English or the Chinese one."""
    text = slugify(names["name_en"]) or slugify(name_pinyin(names["name_zh"]))
    key = base = (text or "segment")[:30]
    taken = set(Segment.objects.filter(branch=branch, key__startswith=base).values_list("key"))
    number = 1
    while (key,) in taken:
        number += 1
        key = f"{base}-{number}"
    return key


@transaction.atomic
def end_rule(*, segment: Segment, on: date | None = None, base: int | None = None) -> None:
    """End the rule in force; the segment then has pinned clients only.

    ``base`` is the rule that the person saw. Raises RuleConflict where it is another by now.
    """
    rule = _in_force(segment)
    if base is not None:
        _same(rule, base)
    if rule is None:
        return
    end = max(rule.valid_from, on or today())
    SegmentRule.objects.filter(pk=rule.pk).update(valid_to=end)
    _classify_after_commit()


def _in_force(segment: Segment) -> SegmentRule | None:
    """The open rule, with the segment locked: two people editing wait for each other."""
    Segment.objects.select_for_update().get(pk=segment.pk)
    return SegmentRule.objects.filter(segment=segment, valid_to__isnull=True).first()


def _classify_after_commit() -> None:
    """Start a task that classifies the firm; without a worker the nightly run does it."""
    transaction.on_commit(classify_firm.delay, robust=True)
