"""One row of a file, checked: a record that can land, or the reasons why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from clients import cleaning
from clients.importing.mapping import Mapping
from clients.importing.reading import FileRefused, Row
from clients.importing.registry import parts
from clients.models import (
    Activity,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Kind,
    Lifecycle,
    ProspectType,
    RiskGrade,
    Source,
    Title,
)
from clients.normalisation import normal_credit_code, normal_id_card, normal_phone
from crm.localized import listed
from crm.trading_days import today

CHOICES: dict[str, type[models.TextChoices]] = {
    "kind": Kind,
    "title": Title,
    "lifecycle": Lifecycle,
    "activity": Activity,
    "prospect_type": ProspectType,
    "income_level": IncomeLevel,
    "investment_size": InvestmentSize,
    "investment_style": InvestmentStyle,
    "risk_grade": RiskGrade,
    "source": Source,
}
PAST_DATES = frozenset({"birthday", "opened_on", "recorded_on", "risk_assessed_on"})
NUMBERS: dict[str, Callable[[str], str]] = {
    "phone": normal_phone,
    "id_card": normal_id_card,
    "credit_code": normal_credit_code,
}
_TEXTS = {"key": cleaning.whole, "notes": cleaning.paragraph}
LENGTHS = {"key": 60, "name": 100, "notes": 5000}


@dataclass
class Record:
    """The data of one row: texts and dates by field, and payloads of the apps above."""

    line: int
    values: dict[str, Any]
    login: str = ""
    payloads: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.values["key"])


@dataclass(frozen=True)
class Fault:
    """Why a row did not land: its line, the column as the file names it, a sentence."""

    line: int
    column: str
    reason: str


class Reader:
    """Turns rows into records, in file order (years roll over, so order matters)."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        known = parts()
        unknown = set(mapping.parts) - set(known)
        if unknown:
            raise FileRefused(f"The mapping's table [{sorted(unknown)[0]}] means nothing here.")
        self._parts = {
            name: (known[name], known[name].prepare(table)) for name, table in mapping.parts.items()
        }
        self._names: dict[str, set[str]] = {
            name: set(choices.values) for name, choices in CHOICES.items()
        }

    def read(self, number: int, row: Row) -> tuple[Record | None, list[Fault]]:
        """``number`` is the line in the file; rows are counted from the first below the header."""
        if "" in row:
            return None, [Fault(number, "", row[""])]
        faults: list[Fault] = []
        dates = self._dates(row, number, faults)
        values: dict[str, Any] = {}
        for name, source in self.mapping.client.items():
            if source.date and source.date not in dates:
                continue
            try:
                values[name] = self._value(name, source.text(row, number - 1, dates))
            except ValidationError as error:
                faults.append(Fault(number, source.column or name, " ".join(error.messages)))
        record = Record(number, values)
        if self.mapping.managers:
            record.login = self.mapping.managers.text(row, number - 1, dates)
        for name, (part, prepared) in self._parts.items():
            if faults:
                break
            try:
                record.payloads[name] = part.read(prepared, row, number, dates)
            except ValidationError as error:
                faults.append(Fault(number, name, " ".join(error.messages)))
        for fault in [] if faults else self._together(record):
            found = self.mapping.client.get(fault.column)
            column = found.column if found and found.column else fault.column
            faults.append(Fault(fault.line, column, fault.reason))
        return (None, faults) if faults else (record, [])

    def _dates(self, row: Row, number: int, faults: list[Fault]) -> dict[str, date | None]:
        dates: dict[str, date | None] = {}
        for name, date_parts in self.mapping.dates.items():
            try:
                dates[name] = date_parts.read(row)
            except ValidationError as error:
                faults.append(Fault(number, date_parts.day, " ".join(error.messages)))
        return dates

    def _value(self, name: str, text: str) -> Any:
        if name in self._names:
            if text and text not in self._names[name]:
                raise ValidationError(
                    _("“%(text)s” is not one of: %(choices)s.")
                    % {"text": text[:40], "choices": listed(sorted(self._names[name]))}
                )
            return text
        if name in PAST_DATES or name == "risk_expires_on":
            born = name == "birthday"
            return cleaning.day(
                text,
                oldest=cleaning.OLDEST_BIRTH if born else cleaning.OLDEST_BUSINESS,
                latest=today() if name in PAST_DATES else cleaning.LATEST,
            )
        if name in NUMBERS:
            return NUMBERS[name](text) if text else ""
        text = _TEXTS.get(name, cleaning.line)(text)
        if len(text) > LENGTHS[name]:
            raise ValidationError(_("Longer than %(limit)s characters.") % {"limit": LENGTHS[name]})
        return text

    @staticmethod
    def _together(record: Record) -> list[Fault]:
        values = record.values
        if not values["key"] or not values["name"]:
            return [Fault(record.line, "name", _("The name or the key is missing."))]
        if values.get("lifecycle") == Lifecycle.CLIENT and not values.get("opened_on"):
            return [Fault(record.line, "opened_on", _("A client needs an opening date."))]
        if values.get("risk_grade"):
            assessed, expires = values.get("risk_assessed_on"), values.get("risk_expires_on")
            if not assessed or not expires or expires <= assessed:
                reason = _("A risk grade needs the day of the test and a later day it expires.")
                return [Fault(record.line, "risk_grade", reason)]
        return []
