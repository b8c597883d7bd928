"""One row of a back-office file, checked: a figure, a stated total, or why it is neither.

Nothing here repeats an account number: what is kept of one is its keyed hash and four digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients import cleaning
from clients.figures.mapping import MONEY, FigureMapping
from clients.importing.mapping import Source
from clients.importing.reading import Row
from clients.importing.rows import Fault
from clients.models import FundAccount
from crm import crypto
from crm.trading_days import today

OLDEST = date(2000, 1, 1)
MOST_TRADES = 2_000_000_000
_COUNT = re.compile(r"0|[1-9]\d{0,8}", re.ASCII).fullmatch
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII).fullmatch
_ALL_PLAIN = re.compile(
    rf"\d{{1,15}}(\.\d{{1,4}})?(\t\d{{1,15}}(\.\d{{1,4}})?){{{len(MONEY) - 1}}}", re.ASCII
).fullmatch


class Figure(NamedTuple):
    """One account and month; texts of numbers are as PostgreSQL reads them, ``None`` unknown."""

    line: int
    number_index: bytes
    last4: str
    month: date
    money: tuple[str | None, ...]
    trades: str | None
    as_of: date
    branch: str


@dataclass(frozen=True)
class Control:
    """A total that the file states of itself, of a month or of a branch."""

    line: int
    branch: str
    month: date | None
    money: tuple[str | None, ...]
    trades: str | None


class FigureReader:
    """Turns rows into figures and control totals."""

    def __init__(self, mapping: FigureMapping, as_of: date | None = None) -> None:
        self.mapping = mapping
        self.as_of = as_of
        self.today = today()
        self._words = mapping.totals | mapping.branch_totals
        # Most fields are a column as it is: read by a look-up.
        self._columns = {
            name: entry.column
            for name, entry in mapping.fields.items()
            if entry == Source(column=entry.column) and entry.column
        }

    def read(self, number: int, row: Row) -> Figure | Control | list[Fault]:
        """``number`` is the line in the file. A list is what is wrong with the row."""
        if "" in row:
            return [Fault(number, "", row[""])]
        faults: list[Fault] = []
        account = row[self.mapping.fields["account"].column]
        if account in self._words:
            return self._control(number, row, account, faults)
        normal = self._account(number, account, faults)
        month = self._month(number, row, faults)
        money = self._money(number, row, faults)
        trades = self._trades(number, row, faults)
        as_of = self._as_of(number, row, month, faults)
        if faults or month is None or as_of is None:
            return faults
        return Figure(
            line=number,
            number_index=crypto.blind_index(FundAccount.BLIND_KIND, normal),
            last4=normal[-4:],
            month=month,
            money=money,
            trades=trades,
            as_of=as_of,
            branch=self._text("branch", number, row),
        )

    def _text(self, name: str, number: int, row: Row) -> str:
        if column := self._columns.get(name):
            return row[column]
        source = self.mapping.fields.get(name)
        return source.text(row, number - 1, {}) if source else ""

    def _fault(self, number: int, name: str, error: ValidationError) -> Fault:
        source = self.mapping.fields.get(name)
        return Fault(number, (source and source.column) or name, " ".join(error.messages))

    def _account(self, number: int, text: str, faults: list[Fault]) -> str:
        try:
            return FundAccount.normal(text.zfill(self.mapping.account_digits) if text else text)
        except ValidationError as error:
            faults.append(self._fault(number, "account", error))
            return ""

    def _month(self, number: int, row: Row, faults: list[Fault]) -> date | None:
        try:
            return month_of(self._text("month", number, row), self.today)
        except ValidationError as error:
            faults.append(self._fault(number, "month", error))
            return None

    def _money(
        self, number: int, row: Row, faults: list[Fault], *, stated: bool = False
    ) -> tuple[str | None, ...]:
        texts = [self._text(name, number, row) for name in MONEY]
        if _ALL_PLAIN("\t".join(texts)):  # nothing is to be said of most
            return tuple(texts)
        amounts: list[str | None] = []
        for name, text in zip(MONEY, texts, strict=True):
            try:
                value = amount(text)
                if value is None and name == "assets" and not stated:
                    raise ValidationError(_("The figure is missing."))
                if value is not None and name == "turnover" and value.startswith("-"):
                    raise ValidationError(_("Turnover is never negative."))
                amounts.append(value)
            except ValidationError as error:
                faults.append(self._fault(number, name, error))
        return tuple(amounts)

    def _trades(self, number: int, row: Row, faults: list[Fault]) -> str | None:
        text: str | None = self._text("trades", number, row)
        if text and _COUNT(text):  # nothing is to be said of most
            return text
        try:
            text = amount(text or "")
            if text is None:
                return None
            count = Decimal(text)
            if count != int(count) or not 0 <= count <= MOST_TRADES:
                raise ValidationError(_("The number of trades is a whole number."))
            return str(int(count))
        except ValidationError as error:
            faults.append(self._fault(number, "trades", error))
            return None

    def _as_of(self, number: int, row: Row, month: date | None, faults: list[Fault]) -> date | None:
        if month is None:
            return None
        text = self._text("as_of", number, row)
        if not text:
            return self.as_of or min(end_of(month), self.today)
        try:
            day = _past_date(text, self.today)
            if day < month:
                raise ValidationError(_("The date lies before the month of the figures."))
            return day
        except ValidationError as error:
            faults.append(self._fault(number, "as_of", error))
            return None

    def _control(
        self, number: int, row: Row, word: str, faults: list[Fault]
    ) -> Control | list[Fault]:
        branch = ""
        if word in self.mapping.branch_totals:
            branch = self._text("branch", number, row)
            if not branch:
                sentence = ValidationError(_("This total does not say of which branch it is."))
                faults.append(self._fault(number, "branch", sentence))
        month = self._month(number, row, faults) if self._text("month", number, row) else None
        money = self._money(number, row, faults, stated=True)
        trades = self._trades(number, row, faults)
        return faults or Control(number, branch, month, money, trades)


def amount(text: str) -> str | None:
    """A number in PostgreSQL syntax; ``None`` for an empty cell.

    What else is a number: ``clients.cleaning.amount``. Raises ValidationError.
    """
    if _PLAIN(text):
        return text
    found = cleaning.amount(text)
    return None if found is None else f"{found:.4f}"


@lru_cache(maxsize=512)
def month_of(text: str, business_date: date) -> date:
    """First day of a month: 2026-10, 202610, 2026年10月, or any day of it. Raises ValidationError."""
    month = cleaning.month(text)
    if month is None:
        raise ValidationError(_("Write the month as 2026-10."))
    if month > business_date:
        raise ValidationError(_("The month lies in the future."))
    if month < OLDEST:
        raise ValidationError(_("The month lies before 2000: check the year."))
    return month


@lru_cache(maxsize=512)
def _past_date(text: str, business_date: date) -> date:
    day = cleaning.day(text, oldest=OLDEST, latest=business_date)
    if day is None:
        raise ValidationError(_("Write the date as 2026-11-23."))
    return day


@lru_cache(maxsize=512)
def end_of(month: date) -> date:
    """Last day of the month that ``month`` is the first day of."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
