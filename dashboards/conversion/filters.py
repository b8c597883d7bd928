"""Which opportunities the conversion page counts, read from its address.

The parameters are those of the list of opportunities (pipeline/board/filters.py), so a figure's link is
the page's own choice and one more.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.addresses import lazy_address
from crm.trading_days import today
from dashboards.board.selectors import OPPORTUNITIES, link
from pipeline.board.filters import NONE, Picked, Select
from pipeline.models import Channel, Opportunity, OpportunityKind, Stage
from staff.models import Branch, Employee
from staff.scope_filter import Whose

PAGE = lazy_address("dashboards:conversion")
MONTHS = 12
WITHIN = (30, 60, 90)
USUAL = 90
# Lines of the table, and the column of an opportunity that they are told apart by.
KEYS = {
    "branch": "branch_id",
    "manager": "manager_id",
    "channel": "client__lead__channel_id",
    "type": "prospect_type",
}
BY = {
    "branch": gettext_lazy("Branch"),
    "manager": gettext_lazy("Manager"),
    "channel": gettext_lazy("Channel"),
    "type": gettext_lazy("Type"),
}
# Drop-downs of the page; a reason for losing would leave nothing to compare it with.
SELECTS = {"channel", "type", "campaign"}


class Chosen:
    """What the address chooses; 404 with a sentence for what is malformed or out of sight."""

    def __init__(self, viewer: Employee, query: QueryDict) -> None:
        self._query = query
        self.whose = Whose(viewer, query, unserved=True)
        self.picked = Picked(viewer, query)
        self.kind = OpportunityKind(self.picked.kind or OpportunityKind.ACCOUNT_OPENING)
        since, until = self.picked.days["created"]
        # Last and first day of creation: from the first of the month eleven months ago until today.
        self.until = until or today()
        self.since = since or _months_before(self.until, MONTHS - 1)
        if self.since > self.until:
            raise Http404(_("The period ends before it begins. Choose its two days again."))
        # Days from the creation in which a stage must be reached to count in a cohort.
        self.within = int(self._one_of("within", [str(days) for days in WITHIN]) or USUAL)

    @cached_property
    def by(self) -> str:
        """What the lines of the table are; a head's are the people or branches below."""
        usual = "branch" if self.whose.branches else "manager" if self.whose.managers else "channel"
        chosen = self._one_of("by", list(KEYS)) or usual
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
    def selects(self) -> list[Select]:
        return [select for select in self.picked.selects if select.name in SELECTS]

    def names(self, key: str) -> list[tuple[str, str]]:
        """Values of an address and their names; of channels those out of use too."""
        if key != "channel":
            return next(select.choices for select in self.selects if select.name == key)
        rows = Channel.objects.visible_to(self.whose.viewer)
        return [*((str(row.pk), str(row)) for row in rows), (NONE, "")]

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the kind, those out of use too: old opportunities went that way."""
        rows = Stage.objects.filter(opportunity_kind=self.kind)
        return list(rows.order_by("position", "id"))

    def rows(self) -> QuerySet[Opportunity]:
        """The opportunities that are counted, within the viewer's scope."""
        rows = self.picked.narrow(Opportunity.objects.visible_to(self.whose.viewer))
        rows = self.whose.narrow(rows, "manager", "branch")
        return rows.filter(kind=self.kind, created_on__range=(self.since, self.until))

    def paths(self, branches: list[int]) -> dict[int, str]:
        """The place in the tree of branches that were counted."""
        return dict(Branch.objects.filter(pk__in=branches).values_list("pk", "path"))

    @property
    def parameters(self) -> dict[str, Any]:
        """The same choice for the list of opportunities."""
        days = {"created_from": self.since, "created_to": self.until}
        return self.picked.asked | self.whose.parameters | days | {"kind": self.kind.value}

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

    def _one_of(self, name: str, values: list[str]) -> str:
        text = self._query.get(name, "")
        if text and text not in values:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        return text


def _months_before(day: date, months: int) -> date:
    """First day of the month so many months before that of ``day``."""
    count = max(day.year * 12 + day.month - 1 - months, 12)
    return date(count // 12, count % 12 + 1, 1)
