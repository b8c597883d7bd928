"""What a board, a list or a calendar of opportunities is narrowed to, read from its address.

A figure of a dashboard links here, so the names are part of the product: ``kind``, ``state``,
``type``, ``channel``, ``campaign``, ``lost_reason``, ``competitor``, ``gap=1``, ``q``, and days from
and to of what is ``created``, ``expected`` and ``next``. ``none`` means that there is none (type, channel, campaign,
manager), ``other`` one of another branch (channel, campaign). A value that is malformed or outside
the scope answers 404, as the rows behind it would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from clients.models import Client, ProspectType
from clients.search import matching
from pipeline.models import (
    Campaign,
    Channel,
    Competitor,
    LostReason,
    Opportunity,
    OpportunityKind,
    Stage,
)
from staff.models import Employee

NONE = "none"
# Of channels or campaigns that the viewer does not see, those of other branches.
OTHER = "other"
LONGEST_TEXT = 60
# Days that can be asked for, from and to, and their columns.
DAYS = {"expected": "expected_on", "created": "created_on", "next": "next_step_on"}
# Without one of both, nobody knows what comes next in an open opportunity.
GAP = Q(state=Stage.Kind.OPEN) & (Q(next_step="") | Q(next_step_on=None))


@dataclass(frozen=True)
class Select:
    """One drop-down of the filters."""

    name: str
    label: str
    choices: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True)
class Range:
    """Two fields for days, from and to, as dates of an address."""

    name: str
    label: str
    until_label: str
    since: str
    until: str


class Picked:
    """The filters of ``query`` within the scope of ``viewer``."""

    def __init__(self, viewer: Employee, query: QueryDict) -> None:
        self.viewer = viewer
        self._query = query
        # The filters in use by name: what a link to the same set carries on.
        self.asked: dict[str, str] = {}
        self._where = Q()
        self.kind = self._one_of("kind", OpportunityKind.values)
        self._state()
        self._type()
        self._unserved()
        self._row("channel", "client__lead__channel", lambda: Channel.objects.visible_to(viewer))
        self._row("campaign", "client__lead__campaign", lambda: Campaign.objects.visible_to(viewer))
        self._row("lost_reason", "lost_reason", LostReason.objects.all, none=False)
        self._row("competitor", "competitor", Competitor.objects.all, none=False)
        self.days = {name: self._range(name, column) for name, column in DAYS.items()}
        self.gap = self._one_of("gap", ["1"]) == "1"
        if self.gap:
            self._where &= GAP
        self.text = query.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT]
        if self.text:
            self.asked["q"] = self.text

    def narrow(
        self, rows: QuerySet[Opportunity], *, every_kind: bool = False
    ) -> QuerySet[Opportunity]:
        """Those of ``rows`` that are asked for; with ``every_kind`` whatever their kind."""
        if self._where:
            rows = rows.filter(self._where)
        if self.kind and not every_kind:
            rows = rows.filter(kind=self.kind)
        if self.text:
            found = matching(Client.objects.visible_to(self.viewer), self.text)
            rows = rows.filter(client__in=found.order_by().values("pk"))
        return rows

    @property
    def uses_more(self) -> bool:
        """Whether a filter is in use that is folded away otherwise."""
        return bool(self.asked.keys() - {"kind", "q", "manager", "branch"})

    @cached_property
    def selects(self) -> list[Select]:
        """The drop-downs with the choices within the scope; read where they are shown alone."""
        asked = self.asked.get("channel", "")
        offered = Q(is_active=True) | Q(pk=int(asked) if asked.isdigit() else None)
        channels = _pairs(Channel.objects.visible_to(self.viewer).filter(offered))
        if asked == OTHER:
            channels.append((OTHER, _("Other channels")))
        campaigns = Campaign.objects.visible_to(self.viewer)
        types = [(str(value), str(label)) for value, label in ProspectType.choices]
        return [
            self._select("type", _("Prospect type"), [*types, (NONE, _("Not set"))]),
            self._select("channel", _("Channel"), [*channels, (NONE, _("None"))]),
            self._select("campaign", _("Campaign"), [*_pairs(campaigns), (NONE, _("None"))]),
            self._select("lost_reason", _("Reason for losing"), _pairs(LostReason.objects.all())),
        ]

    @property
    def ranges(self) -> list[Range]:
        """The fields for days."""
        labels = {
            "created": (_("Started from"), _("Started until")),
            "expected": (_("Expected from"), _("Expected until")),
            "next": (_("Next step from"), _("Next step until")),
        }
        asked = self.asked
        return [
            Range(name, *label, asked.get(f"{name}_from", ""), asked.get(f"{name}_to", ""))
            for name, label in labels.items()
        ]

    def _select(self, name: str, label: str, choices: list[tuple[str, str]]) -> Select:
        return Select(name, label, choices, self.asked.get(name, ""))

    def _one_of(self, name: str, choices: Iterable[str]) -> str:
        value = self._query.get(name, "")
        if value and value not in choices:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        if value:
            self.asked[name] = value
        return value

    def _state(self) -> None:
        if state := self._one_of("state", Stage.Kind.values):
            self._where &= Q(state=state)

    def _type(self) -> None:
        if wanted := self._one_of("type", [*ProspectType.values, NONE]):
            self._where &= Q(prospect_type="" if wanted == NONE else wanted)

    def _unserved(self) -> None:
        """Of nobody's clients; a manager's are up to ``Whose``."""
        if self._query.get("manager") == NONE:
            self.asked["manager"] = NONE
            self._where &= Q(manager=None)

    def _row(
        self, name: str, column: str, rows: Callable[[], QuerySet[Any]], *, none: bool = True
    ) -> None:
        value = self._query.get(name, "")
        if not value:
            return
        if none and value == NONE:
            self._where &= Q(**{column: None})
        elif none and value == OTHER:
            self._where &= Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__in": rows()})
        elif value.isascii() and value.isdigit() and len(value) <= 9:
            if not rows().filter(pk=int(value)).exists():
                raise Http404(_("No such choice. Go back to the page and choose from its list."))
            self._where &= Q(**{column: int(value)})
        else:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        self.asked[name] = value

    def _range(self, name: str, column: str) -> tuple[date | None, date | None]:
        since, until = self._day(f"{name}_from"), self._day(f"{name}_to")
        if since is not None:
            self._where &= Q(**{f"{column}__gte": since})
        if until is not None:
            self._where &= Q(**{f"{column}__lte": until})
        return since, until

    def _day(self, name: str) -> date | None:
        day = parse_day(self._query.get(name, ""))
        if day is not None:
            self.asked[name] = day.isoformat()
        return day


def parse_day(text: str) -> date | None:
    """The day that an address names; 404 where it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404(_("Write the date as 2026-01-31.")) from None


def _pairs(rows: Iterable[Any]) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows]
