"""What the board and the lists of opportunities show: reads only, through the viewer's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, F, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from crm.money import yuan
from crm.trading_days import today
from pipeline.models import Opportunity, Stage

# Cards of one column; the rest is a click away in the list.
CARDS = 30
# Days for which won and lost opportunities stay on the board.
CLOSED_DAYS = 30
_BY_GET = mark_safe(' formmethod="get"')


@dataclass(frozen=True)
class Card:
    """One opportunity as the board draws it."""

    row: Opportunity
    days: int
    overdue: bool
    just_moved: bool

    @property
    def url(self) -> str:
        return self.row.get_absolute_url()

    @property
    def amount(self) -> str:
        return yuan(self.row.amount)

    @property
    def age(self) -> str:
        """How long it has been in the stage."""
        if self.row.state != Stage.Kind.OPEN:
            return date_format(self.row.stage_since, "SHORT_DATE_FORMAT")
        return ngettext("%(n)d day", "%(n)d days", self.days) % {"n": self.days}

    @property
    def manager(self) -> str:
        manager = self.row.client.manager
        return manager.full_name if manager else ""


@dataclass(frozen=True)
class Column:
    """A stage with its count and its first cards."""

    stage: Stage
    count: int
    cards: list[Card]
    buttons: SafeString

    @property
    def list_url(self) -> str:
        return f"/pipeline/list/?scope=board&stage={self.stage.key}"

    @property
    def more(self) -> int:
        """How many are in the list but not on the board."""
        return self.count - len(self.cards)

    @property
    def is_open(self) -> bool:
        return self.stage.kind == Stage.Kind.OPEN


def on_board(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Of ``rows``, those in progress and those closed within the last CLOSED_DAYS days."""
    since = today() - timedelta(days=CLOSED_DAYS)
    return rows.filter(state=Stage.Kind.OPEN) | rows.filter(closed_on__gte=since)


def columns(rows: QuerySet[Opportunity], *, moved: str = "") -> list[Column]:
    """The board of ``rows`` in three statements, whatever their number.

    Cards in progress are sorted by their next step, the most urgent first; closed ones by the day
    of closing. ``moved`` is the public id of the card that gets the focus. A stage out of use
    stays as long as something is in it.
    """
    rows = on_board(rows)
    counts = dict(rows.order_by().values_list("stage").annotate(Count("pk")))
    urgency = Case(When(state=Stage.Kind.OPEN, then=F("next_step_on")))
    order = [urgency.asc(nulls_last=True), F("stage_since").desc(), F("id").desc()]
    rank = Window(RowNumber(), partition_by=F("stage"), order_by=order)
    ranked = rows.annotate(rank=rank).filter(rank__lte=CARDS)
    first = Opportunity.objects.filter(pk__in=ranked.order_by().values("pk"))
    day = today()
    cards: dict[int, list[Card]] = {}
    for row in first.select_related("client", "client__manager").order_by("stage", *order):
        late = row.state == Stage.Kind.OPEN and _before(row.next_step_on, day)
        card = Card(row, (day - row.stage_since).days, late, str(row.public_id) == moved)
        cards.setdefault(row.stage_id, []).append(card)
    stages = list(Stage.objects.order_by("position", "id"))
    return [
        Column(stage, counts.get(stage.pk, 0), cards.get(stage.pk, []), _buttons(stage, stages))
        for stage in stages
        if stage.is_active or stage.pk in counts
    ]


def _buttons(stage: Stage, stages: list[Stage]) -> SafeString:
    """The buttons of every card of a column, made once: a stage that closes asks on its page."""
    return format_html_join(
        "\n",
        '<button type="submit" class="btn btn-sm" name="stage" value="{}"{}>{}</button>',
        (
            (other.key, "" if other.kind == Stage.Kind.OPEN else _BY_GET, str(other))
            for other in stages
            if other.is_active and other.pk != stage.pk
        ),
    )


def _before(day: date | None, other: date) -> bool:
    return day is not None and day < other
