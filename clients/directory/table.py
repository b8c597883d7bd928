"""Columns and sorting of the client list, chosen in the URL (``cols=segment&cols=risk&sort=contact``).

The same columns stand in exported files (clients/exporting/files.py). Texts are looked up once for
all rows: the list is the page that is opened most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from crm.money import yuan
from crm.tables import Cell, Column, Table
from crm.trading_days import today

USUAL = ("segment", "lifecycle", "risk", "assets", "manager", "contact")
BY_NAME = ("name_pinyin", "id")
# The right to see whose client it is: in a book of one's own all are the same person's.
MANAGERS = "managers"
_BLANK = Cell("")


class Known:
    """What cells and files say of every row in the same words: looked up once."""

    def __init__(self, segments: Mapping[int, Segment]) -> None:
        self.day = today()
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
        self.expired, self.ago = _("Expired"), _("d ago")
        self.today, self.never = _("today"), _("never")


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
    if not client.risk_grade:
        return _BLANK
    if client.risk_expires_on and client.risk_expires_on < known.day:
        return Cell(f"{client.risk_grade} · {known.expired}", "crm-pill crm-pill-warn")
    return Cell(client.risk_grade, "crm-pill")


def _assets(client: Client, _known: Known) -> Cell:
    """What the figures say, as in the client file; nothing where there are none."""
    derived = getattr(client, "derived", None)
    return Cell(yuan(derived.assets)) if derived else _BLANK


def _turnover(client: Client, _known: Known) -> Cell:
    rate = getattr(getattr(client, "derived", None), "turnover_rate", None)
    return _BLANK if rate is None else Cell(f"{rate.normalize():f}")


def _contact(client: Client, known: Known) -> Cell:
    day: date | None = client.last_contact_on
    if day is None:
        return Cell(known.never, "muted")
    days = (known.day - day).days
    return Cell(day.isoformat(), note=f"{days} {known.ago}" if days else known.today)


COLUMNS = (
    Column(
        "segment",
        gettext_lazy("Segment"),
        order=("segment__tier", "segment_id", "name_pinyin", "id"),
        fields=("segment_id",),
        cell=lambda row, known: Cell(_segment(row, known), "crm-pill crm-pill-today"),
        text=_segment,
    ),
    _chosen("lifecycle", gettext_lazy("Lifecycle"), "lifecycle", Lifecycle),
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
    # On a phone the head of a column is not shown: a bare figure would not say what it is.
    Column(
        "assets",
        gettext_lazy("Assets"),
        css="num crm-wide",
        fields=("derived__assets",),
        cell=_assets,
    ),
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
        gettext_lazy("Last contact"),
        css="num",
        order=("last_contact_on", "id"),
        fields=("last_contact_on",),
        cell=_contact,
        text=_day("last_contact_on"),
    ),
)


class Row(NamedTuple):
    """One client as the list shows it; each cell with the classes of its column."""

    url: str
    key: str
    name: str
    cells: list[tuple[str, Cell]]


class Columns(Table):
    """What the address asks for; by name where it asks for no sorting."""

    def __init__(self, query: QueryDict, *, sees_managers: bool) -> None:
        rights = {MANAGERS} if sees_managers else set()
        super().__init__(COLUMNS, query, rights=rights, usual=USUAL)

    @property
    def order(self) -> tuple[str, ...]:
        """The order of the rows, ending in a unique column."""
        return super().order or BY_NAME

    def narrowed(self, clients: ClientQuerySet) -> ClientQuerySet:
        """Only what the rows show."""
        fields = [name for column in self.columns for name in column.fields]
        rows = clients
        if "manager__full_name" in fields:
            rows = rows.select_related("manager")
        if any(name.startswith("derived__") for name in fields):
            rows = rows.select_related("derived")
        if "segment__tier" in self.order or "-segment__tier" in self.order:
            rows = rows.select_related("segment")
            fields.append("segment__tier")
        needed = {name.removeprefix("-") for name in self.order if "__" not in name} - {"id"}
        return rows.only("public_id", "name", "title", "name_pinyin", *needed, *fields)

    def rows(self, clients: Sequence[Client], segments: Mapping[int, Segment]) -> list[Row]:
        """The clients with their cells. ``segments``: all of them by key."""
        known, url = Known(segments), formatter("clients:detail")
        return [
            Row(
                url(client.public_id),
                str(client.public_id),
                client.salutation,
                self.cells(client, known),
            )
            for client in clients
        ]
