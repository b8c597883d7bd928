"""What a board, a list or a calendar of opportunities is narrowed to, read from its address.

A figure of a dashboard links here, so the names are part of the product: ``kind``, ``state``,
``type``, ``channel``, ``campaign``, ``lost_reason``, ``competitor``, ``gap=1``, ``q``, ``manager``,
``branch``, and days from and to of what is ``created``, ``expected`` and ``next``. ``none`` means
that there is none (type, channel, campaign, manager), ``other`` one of another branch (channel,
campaign, manager). ``manager`` is who answers for it: whoever served the client when it was closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ProspectType
from clients.search import matching
from crm.query_filters import (
    ChoiceFilter,
    DayFilter,
    KeyFilter,
    QueryFilter,
    SearchFilter,
    choices_of,
)
from pipeline.models import (
    Campaign,
    Channel,
    Competitor,
    LostReason,
    Opportunity,
    OpportunityKind,
    Stage,
)
from staff.scope_filter import ScopeFilter

NONE = "none"
# Of channels or campaigns that the viewer does not see, those of other branches.
OTHER = "other"
# Days that can be asked for, from and to, and their columns.
DAYS = {"expected": "expected_on", "created": "created_on", "next": "next_step_on"}
# Without one of both, nobody knows what comes next in an open opportunity.
GAP = Q(state=Stage.Kind.OPEN) & (Q(next_step="") | Q(next_step_on=None))
# Filters that have a field whatever else is shown.
_ALWAYS = {"kind", "q", "manager", "branch"}


class OpportunityFilter(ScopeFilter):
    """The filters that board, list and calendar have in common."""

    # Of nobody's clients, too, and of people who left or went to other branches.
    manager = KeyFilter("", label=_("Manager"), specials=[NONE, OTHER])
    kind = ChoiceFilter(choices=OpportunityKind.choices, every=_("All kinds"), label=_("Kind"))
    q = SearchFilter(label=_("Search"))
    state = ChoiceFilter(choices=Stage.Kind.choices, label=_("State"))
    type = ChoiceFilter(
        label=_("Prospect type"), choices=[*ProspectType.choices, (NONE, _("Not set"))]
    )
    channel = KeyFilter("client__lead__channel", label=_("Channel"), specials=[NONE, OTHER])
    campaign = KeyFilter("client__lead__campaign", label=_("Campaign"), specials=[NONE, OTHER])
    lost_reason = KeyFilter(label=_("Reason for losing"))
    competitor = KeyFilter(label=_("Competitor"))
    created_from = DayFilter("created_on", "gte", label=_("Started from"))
    created_to = DayFilter("created_on", "lte", label=_("Started until"))
    expected_from = DayFilter("expected_on", "gte", label=_("Expected from"))
    expected_to = DayFilter("expected_on", "lte", label=_("Expected until"))
    next_from = DayFilter("next_step_on", "gte", label=_("Next step from"))
    next_to = DayFilter("next_step_on", "lte", label=_("Next step until"))
    gap = ChoiceFilter(choices=[("1", "1")], label=_("Without a next step"))
    # Whether a kind that is asked for narrows the rows; the board counts the other kinds too.
    every_kind = False

    def _rows_of(self, name: str) -> QuerySet[Any]:
        if name == "channel":
            return Channel.objects.visible_to(self.viewer)
        if name == "campaign":
            return Campaign.objects.visible_to(self.viewer)
        return LostReason.objects.all() if name == "lost_reason" else Competitor.objects.all()

    def offer(self, name: str, field: Any) -> None:
        none = (NONE, _("None"))
        if name == "channel":
            field.widget.choices = lambda: choices_of([*self._channels(), none])
        elif name == "campaign":
            field.widget.choices = lambda: choices_of([*_pairs(self._rows_of(name)), none])
        elif name in {"lost_reason", "competitor"}:
            field.widget.choices = lambda: choices_of(_pairs(self._rows_of(name)))

    def _channels(self) -> list[tuple[str, Any]]:
        """Channels in use, and the chosen one."""
        asked = self.values.get("channel")
        offered = Q(is_active=True) | Q(pk=asked if isinstance(asked, int) else None)
        pairs = _pairs(self._rows_of("channel").filter(offered))
        return [*pairs, (OTHER, _("Other channels"))] if asked == OTHER else pairs

    def check(self) -> None:
        super().check()
        for name in ("channel", "campaign", "lost_reason", "competitor"):
            key = self.values.get(name)
            if isinstance(key, int) and not self._rows_of(name).filter(pk=key).exists():
                self.refuse(name)

    def filter_kind(self, rows: QuerySet[Opportunity], kind: str) -> QuerySet[Opportunity]:
        return rows if self.every_kind else rows.filter(kind=kind)

    def filter_type(self, rows: QuerySet[Opportunity], type: str) -> QuerySet[Opportunity]:
        return rows.filter(prospect_type="" if type == NONE else type)

    def filter_queryset(self, queryset: Any) -> Any:
        rows = QueryFilter.filter_queryset(self, queryset)
        return self.narrow_scope(rows, "owner", "branch")

    def filter_manager(self, rows: Any, manager: Any) -> Any:
        if manager == OTHER:
            return rows.exclude(owner=None).exclude(owner__in=self._managers())
        return rows.filter(owner=None) if manager == NONE else rows

    def filter_channel(self, rows: QuerySet[Any], key: int | str) -> QuerySet[Any]:
        return self._origin(rows, "channel", key)

    def filter_campaign(self, rows: QuerySet[Any], key: int | str) -> QuerySet[Any]:
        return self._origin(rows, "campaign", key)

    def _origin(self, rows: QuerySet[Any], name: str, key: int | str) -> QuerySet[Any]:
        column = f"client__lead__{name}"
        if key == OTHER:
            seen = Q(**{f"{column}__in": self._rows_of(name)})
            return rows.filter(Q(**{f"{column}__isnull": False}) & ~seen)
        return rows.filter(**{column: None if key == NONE else key})

    def filter_gap(self, rows: QuerySet[Opportunity], _gap: str) -> QuerySet[Opportunity]:
        return rows.filter(GAP)

    def filter_q(self, rows: QuerySet[Opportunity], text: str) -> QuerySet[Opportunity]:
        found = matching(Client.objects.visible_to(self.viewer), text)
        return rows.filter(client__in=found.order_by().values("pk"))

    @property
    def chosen_kind(self) -> str:
        """The kind that is asked for; '' for all."""
        kind: str = self.values.get("kind", "")
        return kind

    def days(self, name: str) -> tuple[date | None, date | None]:
        """First and last day asked for of what ``DAYS`` names."""
        return self.values.get(f"{name}_from"), self.values.get(f"{name}_to")

    @property
    def carried(self) -> dict[str, str]:
        """The filters that board, list and calendar have in common, for links between them."""
        return {name: text for name, text in self.asked.items() if name in _SHARED}

    @property
    def uses_more(self) -> bool:
        """Whether a filter is in use that is folded away otherwise."""
        return bool(self.carried.keys() - _ALWAYS)

    @property
    def selects(self) -> list[BoundField]:
        """The drop-downs that are folded away; the choices within the scope."""
        return [self.form[name] for name in ("type", "channel", "campaign", "lost_reason")]

    @property
    def ranges(self) -> list[tuple[BoundField, BoundField]]:
        """The fields for days, from and to."""
        names = ("created", "expected", "next")
        return [(self.form[f"{name}_from"], self.form[f"{name}_to"]) for name in names]


_SHARED = frozenset(OpportunityFilter.base_filters)


def _pairs(rows: Iterable[Any]) -> list[tuple[Any, Any]]:
    return [(str(row.pk), str(row)) for row in rows]
