"""The history of one row, as its History button shows it: who changed what, when, from what to what.

Triggers keep each row as it was before a change (``django-pghistory``), so a change is the difference
of an old row to the next one, and of the last to the row as it is now. Whatever wrote is seen, the
administration and the product alike; what is encrypted is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import pghistory
from django.contrib.admin.utils import display_for_field
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.localized import listed

# The newest ones; older ones are in the table of the history.
MOST = 50
EMPTY = "—"
# Labels of the keys that a column of lists holds, by its name; rooms add theirs as they load.
LISTS: dict[str, Mapping[str, str | Promise]] = {}


@dataclass(frozen=True)
class Difference:
    """One field, before and after, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One change; ``who`` is '' where no person made it."""

    at: datetime
    who: str
    differences: list[Difference] = field(default_factory=list)


def events_of(model: type[models.Model]) -> Any:
    """The table of old rows of ``model``; ``None`` where none is kept."""
    found: list[Any] = pghistory.core.event_models(tracks_model=model)
    return found[0] if found else None


def changes(row: models.Model) -> list[Change]:
    """Changes of the row, the newest first; at most ``MOST``, by a fixed number of queries."""
    table = events_of(type(row))
    if table is None:
        return []
    events = list(
        table.objects.filter(pgh_obj=row.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:MOST]
    )
    fields = [f for f in table._meta.fields if _is_shown(f)]
    people = _people(events)
    names = _names(fields, [row, *events])
    found = []
    for after, before in pairwise([row, *events]):
        differences = [
            Difference(
                str(capfirst(f.verbose_name)),
                words(f, getattr(before, f.attname), names),
                words(f, getattr(after, f.attname), names),
            )
            for f in fields
            if getattr(before, f.attname) != getattr(after, f.attname)
        ]
        if differences:
            who = people.get(_employee(before), "")
            found.append(Change(before.pgh_created_at, who, differences))
    return found


def _is_shown(f: Any) -> bool:
    technical = f.name in {"id", "version", "updated_at", "public_id", "password", "last_login"}
    return not (f.name.startswith("pgh_") or technical or isinstance(f, models.BinaryField))


def _employee(event: Any) -> Any:
    return (event.pgh_context.metadata or {}).get("employee") if event.pgh_context else None


def _people(events: Iterable[Any]) -> dict[Any, str]:
    keys = {key for key in map(_employee, events) if key}
    people = get_user_model()._default_manager.filter(pk__in=keys)
    return {person.pk: str(person) for person in people}


def _names(fields: Iterable[Any], rows: list[Any]) -> dict[tuple[Any, Any], str]:
    """Names of the rows that are referred to, one question for each table."""
    found = {}
    for f in fields:
        if f.remote_field:
            keys = {getattr(row, f.attname) for row in rows} - {None}
            for other in f.related_model._base_manager.filter(pk__in=keys) if keys else ():
                found[f.name, other.pk] = str(other)
    return found


def words(f: Any, value: Any, names: dict[tuple[Any, Any], str]) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if f.remote_field:
        return names.get((f.name, value), str(value))
    if isinstance(f, models.BooleanField):
        return _yes(value)
    if isinstance(value, list):
        choices = LISTS.get(f.name, {})
        return listed(choices.get(one, one) for one in value)
    text: str | Promise = display_for_field(value, f, EMPTY)
    return str(text)


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")
