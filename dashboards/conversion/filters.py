"""Which opportunities the conversion page counts, read from its address.

The parameters are those of the list of opportunities (pipeline/board/filters.py), so a figure's link
is the page's own choice and one more.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from clients.models import ProspectType
from crm.addresses import lazy_address
from crm.query_filters import ChoiceFilter
from crm.trading_days import today
from dashboards.board.selectors import OPPORTUNITIES
from pipeline.board.filters import NONE, OTHER, OpportunityFilter
from pipeline.models import Channel, Opportunity, OpportunityKind, Stage
from staff import small_samples
from staff.models import Branch

PAGE = lazy_address("dashboards:conversion")
MONTHS = 12
WITHIN = (30, 60, 90)
USUAL = 90
# Lines of the table, and the column of an opportunity that they are told apart by.
KEYS = {
    "branch": "branch_id",
    "manager": "owner_id",
    "channel": "client__lead__channel_id",
    "type": "prospect_type",
}
BY = {"branch": _("Branch"), "manager": _("Manager"), "channel": _("Channel"), "type": _("Type")}


class ConversionFilter(OpportunityFilter):
    """The opportunities of one kind that were created in a period, and how they are compared."""

    # Days from the creation in which a stage must be reached to count in a cohort.
    within = ChoiceFilter("", choices=[(str(days), str(days)) for days in WITHIN], label=_("Days"))
    by = ChoiceFilter("", choices=BY.items(), label=_("Compared by"))

    def check(self) -> None:
        super().check()
        if self.since > self.until:
            sentence = _("The period ends before it begins. Choose its two days again.")
            self.refuse("created_to", sentence)

    @property
    def shown_kind(self) -> OpportunityKind:
        """The kind of the page; that of opening an account unless another is asked for."""
        return OpportunityKind(self.chosen_kind or OpportunityKind.ACCOUNT_OPENING)

    @cached_property
    def enough(self) -> int:
        """From how many opportunities on a share is shown."""
        return small_samples.enough()

    @cached_property
    def until(self) -> date:
        """The last day of creation."""
        return self.days("created")[1] or today()

    @cached_property
    def since(self) -> date:
        """The first day of creation: of the month eleven months before the last, unless it is said."""
        return self.days("created")[0] or _months_before(self.until, MONTHS - 1)

    @property
    def window(self) -> int:
        """``within`` as a number."""
        return int(self.values.get("within") or USUAL)

    @cached_property
    def line_key(self) -> str:
        """What the lines of the table are; a head's are the people or branches below."""
        usual = "branch" if self.branches else "manager" if self.managers else "channel"
        chosen: str = self.values.get("by") or usual
        return chosen if chosen in self.line_keys else usual

    @cached_property
    def line_keys(self) -> dict[str, Any]:
        """Lines that the viewer can choose: who has one branch is not asked for branches."""
        hidden = {"branch"} if not self.branches else set()
        if not self.managers:
            hidden.add("manager")
        return {key: label for key, label in BY.items() if key not in hidden}

    @property
    def column(self) -> str:
        """What ``line_key`` stands for in an opportunity."""
        return KEYS[self.line_key]

    @property
    def selects(self) -> list[BoundField]:
        """Without the reason for losing, which would leave nothing to compare it with."""
        return [self.form[name] for name in ("type", "channel", "campaign")]

    def names(self, key: str) -> list[tuple[str, Any]]:
        """Values of an address and their names; of channels those out of use too."""
        if key != "channel":
            return [*ProspectType.choices, (NONE, "")]
        rows = Channel.objects.visible_to(self.viewer)
        return [*((str(row.pk), str(row)) for row in rows), (NONE, "")]

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the kind, those out of use too: old opportunities went that way."""
        rows = Stage.objects.filter(opportunity_kind=self.shown_kind)
        return list(rows.order_by("position", "id"))

    def rows(self) -> QuerySet[Opportunity]:
        """The opportunities that are counted, within the viewer's scope."""
        rows = self.narrow(Opportunity.objects.visible_to(self.viewer))
        return rows.filter(kind=self.shown_kind, created_on__range=(self.since, self.until))

    @property
    def people(self) -> dict[str, Any]:
        """The branch and the manager that were chosen, as other lists are asked for them."""
        return {name: text for name, text in self.asked.items() if name in {"branch", "manager"}}

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than kind, period, branch and one manager."""
        free = {"kind", "created_from", "created_to", "branch", "manager", "within", "by"}
        return bool(self.asked.keys() - free) or self.values.get("manager") in {NONE, OTHER}

    def paths(self, branches: list[int]) -> dict[int, str]:
        """The place in the tree of branches that were counted."""
        return dict(Branch.objects.filter(pk__in=branches).values_list("pk", "path"))

    @property
    def carried(self) -> dict[str, Any]:
        """The same choice for the list of opportunities."""
        days = {"created_from": self.since, "created_to": self.until}
        return super().carried | days | {"kind": self.shown_kind.value}

    def list_url(self, **more: Any) -> str:
        """Address of the list of opportunities, narrowed by ``more``."""
        return self.link(OPPORTUNITIES, **more)

    def page_url(self, **more: Any) -> str:
        """Address of this page, narrowed by ``more``."""
        return self.link(PAGE, **({"within": self.window} | more))

    @property
    def windows(self) -> list[tuple[int, str]]:
        """The days that a month's opportunities can be given, with the page that does."""
        return [(days, self.page_url(by=self.line_key, within=days)) for days in WITHIN]

    @property
    def comparisons(self) -> list[tuple[str, Any, str]]:
        """What the lines can be, and the page that shows it."""
        return [(key, label, self.page_url(by=key)) for key, label in self.line_keys.items()]


def _months_before(day: date, months: int) -> date:
    """First day of the month so many months before that of ``day``."""
    count = max(day.year * 12 + day.month - 1 - months, 12)
    return date(count // 12, count % 12 + 1, 1)
