"""Which opportunities the conversion page counts, read from its address.

The parameters are those of the list of opportunities, so a figure's link is the page's own choice
and one more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import ProspectType
from crm.trading_days import today
from dashboards.reports import OPPORTUNITIES, link
from pipeline.filters import Whose
from pipeline.models import Channel, Opportunity, OpportunityKind, Stage
from staff.models import Branch

PAGE = "/board/conversion/"
# In the address: those of whom a channel or a type is not known.
NONE = "none"
MONTHS = 12
WITHIN = (30, 60, 90)
USUAL = "90"
# Lines of the table, and the column of an opportunity that they are told apart by.
KEYS = {
    "branch": "client__branch_id",
    "manager": "client__manager_id",
    "channel": "client__lead__channel_id",
    "type": "client__prospect_type",
}
BY = {
    "branch": gettext_lazy("Branch"),
    "manager": gettext_lazy("Manager"),
    "channel": gettext_lazy("Channel"),
    "type": gettext_lazy("Type"),
}


@dataclass
class Chosen:
    """What the address chooses; 404 with a sentence for what is malformed or out of sight."""

    whose: Whose
    query: QueryDict

    @cached_property
    def kind(self) -> OpportunityKind:
        return OpportunityKind(self._one_of("kind", OpportunityKind.values, "account_opening"))

    @cached_property
    def type(self) -> str:
        return self._one_of("type", [*ProspectType.values, NONE], "")

    @cached_property
    def within(self) -> int:
        """Days from the creation in which a stage must be reached to count in a cohort."""
        return int(self._one_of("within", [str(days) for days in WITHIN], USUAL))

    @cached_property
    def by(self) -> str:
        """What the lines of the table are; a head's are the people or branches below."""
        usual = "branch" if self.whose.branches else "manager" if self.whose.managers else "channel"
        chosen = self._one_of("by", list(KEYS), usual)
        return chosen if chosen in self.ways else usual

    @cached_property
    def ways(self) -> dict[str, Any]:
        """Lines that the viewer can choose: who has one branch is not asked for branches."""
        hidden = {"branch"} if not self.whose.branches else set()
        if not self.whose.managers:
            hidden.add("manager")
        return {key: label for key, label in BY.items() if key not in hidden}

    @property
    def column(self) -> str:
        """What ``by`` stands for in an opportunity."""
        return KEYS[self.by]

    @cached_property
    def channels(self) -> list[Channel]:
        return list(Channel.objects.visible_to(self.whose.viewer).order_by("name", "pk"))

    @cached_property
    def channel(self) -> Channel | None:
        text = "" if self.no_channel else self.query.get("channel", "")
        for row in self.channels:
            if text == str(row.pk):
                return row
        if text:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        return None

    @property
    def no_channel(self) -> bool:
        return self.query.get("channel") == NONE

    @cached_property
    def since(self) -> date:
        """First day of creation; the first of the month eleven months ago unless chosen."""
        months = today().year * 12 + today().month - MONTHS
        usual = date(months // 12, months % 12 + 1, 1)
        since = self._date("created_from", usual)
        if since > self.until:
            raise Http404(_("The period ends before it begins. Choose its two days again."))
        return since

    @cached_property
    def until(self) -> date:
        return self._date("created_to", today())

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the kind, those out of use too: old opportunities went that way."""
        rows = Stage.objects.filter(opportunity_kind=self.kind)
        return list(rows.order_by("position", "id"))

    def rows(self) -> QuerySet[Opportunity]:
        """The opportunities that are counted, within the viewer's scope."""
        rows = Opportunity.objects.visible_to(self.whose.viewer)
        rows = self.whose.narrow(rows, "client__manager", "client__branch")
        rows = rows.filter(kind=self.kind, created_on__range=(self.since, self.until))
        if self.type:
            rows = rows.filter(client__prospect_type="" if self.type == NONE else self.type)
        if self.channel is not None:
            rows = rows.filter(client__lead__channel=self.channel)
        if self.no_channel:
            rows = rows.filter(client__lead__channel=None)
        return rows

    def paths(self, branches: list[int]) -> dict[int, str]:
        """The place in the tree of branches that were counted."""
        return dict(Branch.objects.filter(pk__in=branches).values_list("pk", "path"))

    @property
    def parameters(self) -> dict[str, Any]:
        """The same choice for the list of opportunities."""
        chosen: dict[str, Any] = {
            "kind": self.kind.value,
            **self.whose.parameters,
            "created_from": self.since,
            "created_to": self.until,
        }
        if self.type:
            chosen["type"] = self.type
        if self.channel is not None:
            chosen["channel"] = self.channel.pk
        if self.no_channel:
            chosen["channel"] = NONE
        return chosen

    def link(self, **more: Any) -> str:
        """Address of the list of opportunities, narrowed by ``more``."""
        return link(OPPORTUNITIES, self.parameters | more)

    def page(self, **more: Any) -> str:
        """Address of this page, narrowed by ``more``."""
        return link(PAGE, self.parameters | {"within": self.within} | more)

    @property
    def windows(self) -> list[tuple[int, str]]:
        """The days that a month's opportunities can be given, with the page that does."""
        return [(days, self.page(by=self.by, within=days)) for days in WITHIN]

    @property
    def comparisons(self) -> list[tuple[str, Any, str]]:
        """What the lines can be, and the page that shows it."""
        return [(key, label, self.page(by=key)) for key, label in self.ways.items()]

    def _one_of(self, name: str, values: list[str], usual: str) -> str:
        text = self.query.get(name, "") or usual
        if text and text not in values:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        return text

    def _date(self, name: str, usual: date) -> date:
        text = self.query.get(name, "")
        try:
            return date.fromisoformat(text) if text else usual
        except ValueError:
            raise Http404(_("Write the date as 2026-01-31.")) from None
