"""History of a segment and its rule: versions in force, with employee and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Segment
from clients.segments.fields import CRITERIA
from clients.segments.preview import in_words
from crm.localized import localized
from staff.models import Employee

# From when on the rules hold that come with the product (migration 0002_seed).
SHIPPED_ON = date(2000, 1, 1)
_NAMED = ("name_zh", "name_en", "tier")


@dataclass(frozen=True)
class Version:
    """The state in force from ``day``. ``at`` is unknown for the first state."""

    day: date
    words: str
    at: datetime | None = None
    by: Employee | None = None
    is_shipped: bool = False


def versions(segment: Segment) -> list[Version]:
    """Every state of the rule, and every change of the segment's name and tier, the newest first.

    The database keeps a row as it was before each change, so a state's author is who made the
    change that led to it. What was corrected on the same day is a state too.
    """
    rows = segment.rules.order_by("valid_from", "pk").select_related("by")
    rules = list(rows.prefetch_related("events__pgh_context"))
    changes: Any = segment.events  # type: ignore[attr-defined]
    named = list(changes.select_related("pgh_context").order_by("pgh_id"))
    kept = {rule.pk: sorted(rule.events.all(), key=lambda e: e.pgh_id) for rule in rules}  # type: ignore[attr-defined]
    people = _people([*named, *(event for events in kept.values() for event in events)])
    history: list[Version] = []
    begun_by: Any = None  # the change that ended the rule before, and so began the next
    for place, rule in enumerate(rules):
        events = kept[rule.pk]
        first = _words((*events, rule)[0])
        if begun_by is None:
            shipped = rule.by is None and rule.valid_from == SHIPPED_ON
            history.append(Version(rule.valid_from, first, by=rule.by, is_shipped=shipped))
        else:
            history.append(_version(rule.valid_from, first, begun_by, people))
        for before, after in pairwise([*events, rule]):
            if _differ(before, after, CRITERIA):
                history.append(_version(rule.valid_from, _words(after), before, people))
        follows = place + 1 < len(rules) and rules[place + 1].valid_from == rule.valid_to
        begun_by = events[-1] if events and follows else None
        if rule.valid_to and not follows:
            ended = events[-1] if events else None
            history.append(_version(rule.valid_to, _("Rule ended"), ended, people))
    for before, after in pairwise([*named, segment]):
        if _differ(before, after, _NAMED):
            day = timezone.localdate(before.pgh_created_at)
            history.append(
                _version(
                    day,
                    f"{localized(after, 'name')} · {Segment.Tier(after.tier).label}",
                    before,
                    people,
                )
            )
    # Of one moment, the later state is the newer one.
    return sorted(history, key=lambda row: row.at or _morning(row.day))[::-1]


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _version(day: date, words: str, cause: Any, people: dict[int, Employee]) -> Version:
    if cause is None:
        return Version(day, words)
    return Version(day, words, cause.pgh_created_at, people.get(_author(cause)))


def _words(state: Any) -> str:
    return _("%(rule)s (priority %(n)s)") % {"rule": in_words(state), "n": state.priority}


def _differ(one: Any, other: Any, names: Iterable[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _author(event: Any) -> int:
    context = event.pgh_context
    return int(context.metadata.get("employee") or 0) if context else 0


def _people(events: Iterable[Any]) -> dict[int, Employee]:
    return Employee.objects.in_bulk({_author(event) for event in events})
