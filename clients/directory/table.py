"""Columns and sorting of the client list, chosen in the URL (``cols=segment&cols=risk&sort=contact``).

The same columns stand in exported files (clients/exporting/files.py). Texts are looked up once for
all rows: the list is the page that is opened most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, TextChoices, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clients.directory import beside
from clients.directory.beside import Beside
from clients.directory.parts import Next, parts
from clients.models import (
    Activity,
    Client,
    CommissionTier,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    Segment,
    Source,
    Title,
)
from clients.querysets import ClientQuerySet
from crm.addresses import formatter
from crm.money import figure
from crm.tables import Cell, Column, Head, Table
from crm.trading_days import today
from staff.models import Employee

USUAL = ("tail", "segment", "assets", "change", "risk", "manager", "contact")
# The right to see whose client it is: in a book of one's own all are the same person's.
MANAGERS = "managers"
# Sorts by assets: who has none known has the least.
WEALTH = "wealth"
# How long before its end a risk grade is marked.
SOON = timedelta(days=30)
_BLANK = Cell("")
_UNKNOWN = Cell("—", "muted")
_NOTHING = Beside("", None)
# On a phone the head of a column is not shown: a bare figure says what it is.
_LABELLED = frozenset({"assets", "change", "tail", "turnover", "opened", "callback"})


class Known:
    """What cells and files say of every row in the same words: looked up once."""

    beside: Mapping[int, Beside] = {}

    def __init__(self, segments: Mapping[int, Segment]) -> None:
        self.day = today()
        self.soon = self.day + SOON
        self.language = get_language() or ""
        # By the key of the room's column, then of the client.
        self.parts: dict[str, Mapping[int, Next]] = {}
        self.segments = {key: str(row) for key, row in segments.items()}
        self.words: dict[type[TextChoices], dict[str, str]] = {
            kind: {value: str(label) for value, label in kind.choices}
            for kind in (
                Lifecycle,
                InvestmentSize,
                InvestmentStyle,
                CommissionTier,
                Activity,
                Source,
                Title,
            )
        }
        self.expired, self.soon_over = _("Expired"), _("expires soon")
        self.today, self.never = _("today"), _("never")
        self._ago: dict[int, str] = {}

    def ago(self, days: int) -> str:
        if days not in self._ago:
            text = ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
            self._ago[days] = text if days else self.today
        return self._ago[days]


def _chosen(
    key: str, title: Any, field: str, kind: type[TextChoices], *, exported: bool = True
) -> Column:
    """A column of a field with choices."""

    def text(row: Any, known: Known) -> str:
        return known.words[kind].get(getattr(row, field), "")

    def cell(row: Any, known: Known) -> Cell:
        return Cell(text(row, known))

    return Column(key, title, fields=(field,), cell=cell, text=text if exported else None)


def _day(field: str) -> Callable[[Any, Known], str]:
    """The text of a date: ISO, as spreadsheets read it."""

    def text(row: Any, _known: Known) -> str:
        day: date | None = getattr(row, field)
        return day.isoformat() if day else ""

    return text


def _segment(row: Any, known: Known) -> str:
    return known.segments[row.segment_id]


def _risk(client: Client, known: Known) -> Cell:
    grade, end = client.risk_grade, client.risk_expires_on
    if not grade:
        return _UNKNOWN
    if end and end < known.day:
        return Cell(f"{grade} {known.expired}", "crm-pill crm-pill-late")
    if end and end <= known.soon:
        return Cell(f"{grade} {known.soon_over}", "crm-pill crm-pill-warn")
    return Cell(grade)


def _assets(client: Client, known: Known) -> Cell:
    """What the figures say, as in the client file; nothing where there are none."""
    derived = getattr(client, "derived", None)
    return Cell(figure(derived.assets, known.language), "fw-bold") if derived else _UNKNOWN


def _change(client: Client, known: Known) -> Cell:
    change: Decimal | None = known.beside.get(client.pk, _NOTHING).change
    if change is None or getattr(client, "derived", None) is None:
        return _UNKNOWN
    if abs(change) < Decimal("0.005"):
        return Cell("0.00%", "muted")
    mark, css = ("▲", "crm-up") if change > 0 else ("▼", "crm-down")
    return Cell(f"{mark} {abs(change):,.2f}%", css)


def _turnover(client: Client, _known: Known) -> Cell:
    rate = getattr(getattr(client, "derived", None), "turnover_rate", None)
    return _BLANK if rate is None else Cell(f"{rate.normalize():f}")


def _contact(client: Client, known: Known) -> Cell:
    day: date | None = client.last_contact_on
    if day is None:
        return Cell(known.never, "late")
    note = date_format(day, "MONTH_DAY_FORMAT") if day.year == known.day.year else day.isoformat()
    return Cell(known.ago((known.day - day).days), note=note)


COLUMNS = (
    Column(
        "tail",
        gettext_lazy("Phone ends in"),
        css="muted",
        cell=lambda row, known: Cell(known.beside.get(row.pk, _NOTHING).tail),
    ),
    Column(
        "segment",
        gettext_lazy("Segment"),
        css="nowrap",
        order=("segment__tier", "segment_id", "name_pinyin", "id"),
        fields=("segment_id",),
        cell=lambda row, known: Cell(_segment(row, known)),
        text=_segment,
    ),
    _chosen("lifecycle", gettext_lazy("Lifecycle"), "lifecycle", Lifecycle),
    Column(
        "assets",
        gettext_lazy("Assets (CNY)"),
        css="num",
        order=(WEALTH, "id"),
        largest_first=True,
        fields=("derived__assets",),
        cell=_assets,
    ),
    Column("change", gettext_lazy("Since month end"), css="num", cell=_change),
    Column(
        "risk",
        gettext_lazy("Risk grade"),
        fields=("risk_grade", "risk_expires_on"),
        cell=_risk,
        text=lambda row, _known: row.risk_grade,
    ),
    Column(
        "manager",
        gettext_lazy("Manager"),
        fields=("manager__full_name",),
        needs=MANAGERS,
        cell=lambda row, _known: Cell(row.manager.full_name if row.manager else "—"),
        text=lambda row, _known: row.manager__full_name or "",
    ),
    _chosen("size", gettext_lazy("Investment size"), "investment_size", InvestmentSize),
    _chosen("style", gettext_lazy("Investment style"), "investment_style", InvestmentStyle),
    Column(
        "turnover",
        gettext_lazy("Turnovers a year"),
        css="num crm-wide",
        fields=("derived__turnover_rate",),
        cell=_turnover,
    ),
    _chosen(
        "commission",
        gettext_lazy("Commission tier"),
        "commission_tier",
        CommissionTier,
        exported=False,
    ),
    _chosen("activity", gettext_lazy("Activity"), "activity", Activity),
    _chosen("source", gettext_lazy("Source"), "source", Source),
    Column(
        "opened",
        gettext_lazy("Opening date"),
        css="num crm-wide",
        order=("opened_on", "id"),
        fields=("opened_on",),
        cell=lambda row, known: Cell(_day("opened_on")(row, known)),
        text=_day("opened_on"),
    ),
    Column(
        "contact",
        gettext_lazy("Last effective contact"),
        css="nowrap",
        order=("last_contact_on", "id"),
        fields=("last_contact_on",),
        cell=_contact,
        text=_day("last_contact_on"),
    ),
)


def _of_part(key: str) -> Callable[[Any, Known], Cell]:
    def cell(row: Any, known: Known) -> Cell:
        found = known.parts[key].get(row.pk)
        return found.cell if found else _UNKNOWN

    return cell


def offered() -> tuple[Column, ...]:
    """The columns of the list: its own, then those of rooms above."""
    return COLUMNS + tuple(
        Column(part.key, part.title, css="num", cell=_of_part(part.key)) for part in parts
    )


# Always shown, so never offered: nobody has the right that it needs.
_NAME = Column("name", gettext_lazy("Name"), order=("name_pinyin", "id"), needs="choice")


class Row(NamedTuple):
    """One client as the list shows it; each cell with the classes and the words of its column.

    ``before`` and ``after`` the name: the form of address. ``assets``: in CNY, '' where unknown.
    ``acts``: icon, words and address; ``go``: the words and the address of what is next.
    """

    url: str
    key: str
    name: str
    before: str
    after: str
    mark: str
    assets: str
    cells: list[tuple[str, str, Cell]]
    acts: list[tuple[str, str, str]]
    go: tuple[str, str]


class Columns(Table):
    """What the address asks for; by name where it asks for no sorting."""

    def __init__(self, query: QueryDict, *, sees_managers: bool) -> None:
        rights = {MANAGERS} if sees_managers else set()
        usual = (*USUAL, *(part.key for part in parts))
        super().__init__((_NAME, *offered()), query, rights=rights, usual=usual, default="name")

    @property
    def name_head(self) -> Head:
        """The head of the names, which stand before the columns."""
        return self._head(_NAME)

    @property
    def is_by_name(self) -> bool:
        """Whether an index gives the order, however many clients there are."""
        return self.sort in {"name", "-name"}

    def by_name(self) -> None:
        """Leave the sorting that was asked for."""
        self.sort = "name"

    def narrowed(self, clients: ClientQuerySet) -> ClientQuerySet:
        """Only what the rows show."""
        fields = [name for column in self.columns for name in column.fields]
        # Beside the tick box, for the sum of what is ticked.
        fields.append("derived__assets")
        rows = clients.select_related("derived")
        if "manager__full_name" in fields:
            rows = rows.select_related("manager")
        if "segment__tier" in self.order or "-segment__tier" in self.order:
            rows = rows.select_related("segment")
            fields.append("segment__tier")
        if WEALTH in self.order or f"-{WEALTH}" in self.order:
            rows = rows.annotate(**{WEALTH: Coalesce(F("derived__assets"), Value(Decimal(-1)))})
        needed = {name.removeprefix("-") for name in self.order if "__" not in name}
        needed -= {"id", WEALTH}
        shown = ("public_id", "name", "title", "name_pinyin", "lifecycle")
        return rows.only(*shown, *needed, *fields)

    def rows(
        self, clients: Sequence[Client], segments: Mapping[int, Segment], viewer: Employee
    ) -> list[Row]:
        """The clients with their cells. ``segments``: all of them by key."""
        known, keys = Known(segments), [client.pk for client in clients]
        shown = set(self.shown)
        if shown & {"tail", "change"}:
            known.beside = beside.read(keys)
        for part in parts:
            known.parts[part.key] = part.read(viewer, keys)
        labels = {c.key: str(c.title) if c.key in _LABELLED else "" for c in self.columns}
        drawing = [(c.css, labels[c.key], c.cell) for c in self.columns if c.cell is not None]
        acts = [
            (act.icon, str(act.label), formatter(act.route)) for part in parts for act in part.acts
        ]
        url = formatter("clients:detail")
        prospect = known.words[Lifecycle][Lifecycle.PROSPECT]
        rows = []
        for client in clients:
            before, _name, after = client.salutation.partition(client.name)
            derived = getattr(client, "derived", None)
            rows.append(
                Row(
                    url(client.public_id),
                    str(client.public_id),
                    client.name,
                    before,
                    after,
                    prospect if client.lifecycle == Lifecycle.PROSPECT else "",
                    str(derived.assets) if derived else "",
                    [(css, label, cell(client, known)) for css, label, cell in drawing],
                    [(icon, label, to(client.public_id)) for icon, label, to in acts],
                    self._go(client, known),
                )
            )
        return rows

    def _go(self, client: Client, known: Known) -> tuple[str, str]:
        """What is next with the client at once; empty where nothing is."""
        for part in parts:
            found = known.parts[part.key].get(client.pk)
            if found and found.url:
                return str(part.go), found.url
        return "", ""
