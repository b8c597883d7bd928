"""Mappings (TOML) from columns to fields, some by a template.

    source = "name of the system the file comes from"

    [client]                      # fields of the client, each from one of:
    name = { column = "Name" }
    lifecycle = { value = "client" }
    income_level = { column = "job", values = { manager = "high" }, default = "middle" }
    investment_size = { column = "EUR", factor = 8, below = [[100000, "small"]], default = "large" }
    key = { template = "{row:06}" }
    opened_on = { date = "contact" }

    [dates.contact]               # a date made of parts
    day = "day"
    month = "month"
    first_year = 2008             # the year rolls over in file order
    carry = true                  # an empty part is the one of the row before

    managers = "round_robin"      # over the branch's managers; or { column = "login" }

Other tables belong to the rooms above (``registry.py``), such as [visit].
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients import cleaning
from clients.importing.reading import FileRefused, Row
from crm.trading_days import today

SHIPPED = Path(__file__).resolve().parent.parent / "mappings"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
MAPPING_FIELDS = frozenset(
    {
        "key",
        "name",
        "kind",
        "title",
        "lifecycle",
        "activity",
        "prospect_type",
        "income_level",
        "investment_size",
        "investment_style",
        "source",
        "birthday",
        "opened_on",
        "recorded_on",
        "notes",
        "phone",
        "id_card",
        "credit_code",
        "risk_grade",
        "risk_assessed_on",
        "risk_expires_on",
    }
)

ROUND_ROBIN = "round_robin"

Dates = AnyMapping[str, date | None]


@dataclass(frozen=True)
class Source:
    """The source of one field."""

    column: str = ""
    value: str = ""
    template: str = ""
    date: str = ""
    values: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    factor: Decimal | None = None
    below: tuple[tuple[Decimal, str], ...] = ()

    def text(self, row: Row, number: int, dates: Dates) -> str:
        """The field's text for one row. Raises ValidationError with a sentence."""
        if self.template:
            return self.template.format(row=number, column=row.get(self.column, ""))
        if self.date:
            day = dates[self.date]
            return day.isoformat() if day else self.default or ""
        if not self.column:
            return self.value
        cell = row[self.column]
        if not cell:
            return self.default or ""
        if self.factor is not None or self.below:
            return self._step(cell)
        if self.values:
            return self._translated(cell)
        return cell

    def _translated(self, cell: str) -> str:
        """Only a mapping that names a default swallows values that it does not know."""
        translated = self.values.get(cell, self.default)
        if translated is None:
            raise ValidationError(_("The mapping does not translate “%s”.") % cell[:40])
        return translated

    def _step(self, cell: str) -> str:
        amount = (cleaning.amount(cell) or Decimal(0)) * (self.factor or 1)
        if not self.below:
            return str(amount)
        return next((name for limit, name in self.below if amount < limit), self.default or "")


@dataclass
class DateParts:
    """A date in parts whose year is not written but rolls over in file order."""

    day: str
    month: str
    first_year: int
    carry: bool = False
    _last: tuple[int, int, int] | None = None

    def read(self, row: Row) -> date | None:
        """The date of the next row of the file. Raises ValidationError with a sentence."""
        year, month, day = self._last or (self.first_year, 0, 0)
        new_month = self._number(row[self.month], MONTHS) or (month if self.carry else 0)
        new_day = self._number(row[self.day], {}) or (day if self.carry else 0)
        if not new_month or not new_day:
            return None
        if new_month < month:
            year += 1
        try:
            shifted = date(year, new_month, new_day)
        except (ValueError, OverflowError) as error:
            if self.carry and not (row[self.month] and row[self.day]) and self._last:
                # A carried part does not fit the written one, such as 31 in a shorter month.
                shifted = date(year, new_month, min(new_day, 28))
            else:
                raise ValidationError(_("There is no such date.")) from error
        self._last = (year, new_month, new_day)
        return shifted

    @staticmethod
    def _number(cell: str, names: dict[str, int]) -> int:
        if not cell:
            return 0
        if cell.lower()[:3] in names:
            return names[cell.lower()[:3]]
        try:
            return int(float(cell))
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("There is no such date.")) from error


@dataclass(frozen=True)
class Mapping:
    """A mapping as read from its file."""

    source: str
    client: dict[str, Source]
    dates: dict[str, DateParts]
    managers: Source | None
    round_robin: bool
    parts: dict[str, dict[str, Any]]

    def columns(self) -> set[str]:
        """All columns of the file that this mapping names."""
        sources = [*self.client.values(), *([self.managers] if self.managers else [])]
        names = {source.column for source in sources if source.column}
        for parts in self.dates.values():
            names |= {parts.day, parts.month}
        for table in self.parts.values():
            names |= {entry["column"] for entry in table.values() if "column" in entry}
        return names


def read(name: str) -> Mapping:
    """A mapping by path, or by the name of a shipped one. Raises FileRefused."""
    path = Path(name)
    if not path.exists():
        path = SHIPPED / f"{name}.toml"
    if not path.exists():
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise FileRefused(f"There is no mapping {name}. Give a file, or one of: {shipped}.")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileRefused(f"{path.name} is not valid TOML: {error}.") from error
    return build(data, path.name)


def build(data: dict[str, Any], name: str) -> Mapping:
    """A mapping from the structure that TOML has, or a form made. Raises FileRefused."""
    data = copy.deepcopy(data)
    client = data.pop("client", {})
    unknown = set(client) - MAPPING_FIELDS
    if unknown:
        raise FileRefused(f"{name}: unknown field {sorted(unknown)[0]!r} in [client].")
    if not data.get("source") or "key" not in client or "name" not in client:
        raise FileRefused(f"{name} needs source, and key and name in [client].")
    managers = data.pop("managers", None)
    if not (managers in (None, ROUND_ROBIN) or isinstance(managers, dict)):
        raise FileRefused(
            f"{name}: managers is {str(managers)[:40]!r}; allowed are {ROUND_ROBIN!r} and a column."
        )
    try:
        dates = {key: DateParts(**parts) for key, parts in data.pop("dates", {}).items()}
        mapping = Mapping(
            source=data.pop("source"),
            client={key: source(entry) for key, entry in client.items()},
            dates=dates,
            managers=source(managers) if isinstance(managers, dict) else None,
            round_robin=managers == ROUND_ROBIN,
            parts=data,
        )
        for entry in data.values():
            entry.items()
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise FileRefused(f"{name}: {error}.") from error
    missing = {entry.date for entry in mapping.client.values() if entry.date} - set(dates)
    if missing:
        raise FileRefused(f"{name}: there is no [dates.{sorted(missing)[0]}].")
    return mapping


def source(entry: dict[str, Any]) -> Source:
    """A field's source as TOML has it. Raises what a wrong entry makes fail, here and not per row."""
    entry = dict(entry)
    if "factor" in entry:
        entry["factor"] = Decimal(str(entry["factor"]))
    if "below" in entry:
        entry["below"] = tuple((Decimal(str(limit)), name) for limit, name in entry["below"])
    parsed = Source(**entry)
    parsed.template.format(row=1, column="")
    return parsed


def check_date(text: str, *, past: bool, oldest: date = cleaning.OLDEST_BUSINESS) -> date:
    """A business date as ``clients.cleaning.day`` reads it; ``past``: today at the latest.

    Raises ValidationError, for an empty cell too.
    """
    found = cleaning.day(text, oldest=oldest, latest=today() if past else cleaning.LATEST)
    if found is None:
        raise ValidationError(_("Write the date as 2026-11-23."))
    return found
