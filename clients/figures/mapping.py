"""Mappings (TOML) from columns of a back-office file to figures.

source = "name of the system the file comes from"
account_digits = 12           # pads what a spreadsheet cut at the front

[figures]                     # each from a column, with a factor where the file counts in 万元
account = { column = "资金账号" }
month = { column = "月份" }
assets = { column = "期末资产", factor = 10000 }
turnover = { column = "成交金额" }
net_inflow = { column = "净流入" }          # these may be left out
trades = { column = "成交笔数" }
commission = { column = "净佣金" }
as_of = { column = "数据日期" }
branch = { column = "营业部" }

[control]                     # rows that state totals: their cell of the account says one of
total = ["合计"]              # the whole file (or, where the row says a month, that month)
branch_total = ["小计"]       # the branch that the row names
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clients.importing.mapping import SHIPPED as BESIDE
from clients.importing.mapping import Source, source
from clients.importing.reading import FileRefused

SHIPPED = BESIDE / "figures"
NEEDED = ("account", "month", "assets", "turnover")
MONEY = ("assets", "net_inflow", "turnover", "commission")
# Where a value may come from. Uploaded mappings are data: they contain no template code.
WAYS = frozenset({"column", "value", "values", "default", "factor"})
FIELDS = frozenset({*NEEDED, *MONEY, "trades", "as_of", "branch"})
# The longest account number; padding to more would only take memory.
MOST_DIGITS = 20


@dataclass(frozen=True)
class FigureMapping:
    """A mapping as read from its file."""

    name: str
    source: str
    account_digits: int
    fields: dict[str, Source]
    totals: frozenset[str]
    branch_totals: frozenset[str]

    def columns(self) -> set[str]:
        """All columns of the file that this mapping names."""
        return {entry.column for entry in self.fields.values() if entry.column}


def shipped() -> list[str]:
    """Names of the mappings that ship."""
    return sorted(file.stem for file in SHIPPED.glob("*.toml"))


def read(name: str) -> FigureMapping:
    """A mapping by path, or by the name of a shipped one. Raises FileRefused."""
    path = Path(name)
    if not path.is_file():
        path = SHIPPED / f"{name}.toml"
    if not path.is_file():
        raise FileRefused(
            f"There is no mapping {name}. Give a file, or one of: {', '.join(shipped())}."
        )
    try:
        return parse(path.read_text(encoding="utf-8"), path.stem)
    except UnicodeDecodeError as error:
        raise FileRefused(f"{path.name} is not valid TOML: {error}.") from error


def parse(text: str, name: str) -> FigureMapping:
    """A mapping by its text; ``name`` is for sentences and the report. Raises FileRefused."""
    try:
        return _mapping(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise FileRefused(f"{name} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise FileRefused(f"{name} is nested too deeply. Write it as the shipped ones.") from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise FileRefused(f"{name}: {error}.") from error


def _mapping(data: dict[str, Any], name: str) -> FigureMapping:
    figures, control = data.get("figures", {}), data.get("control", {})
    unknown = [
        *sorted(set(data) - {"source", "account_digits", "figures", "control"}),
        *(f"figures.{word}" for word in sorted(set(figures) - FIELDS)),
        *(f"control.{word}" for word in sorted(set(control) - {"total", "branch_total"})),
        *(f"figures.{field}.{key}" for field in figures for key in set(figures[field]) - WAYS),
    ]
    if unknown:
        raise FileRefused(f"{name}: {unknown[0]!r} means nothing here.")
    missing = [word for word in NEEDED if word not in figures]
    if missing or not data.get("source"):
        lacking = f"figures.{missing[0]}" if missing else "source"
        raise FileRefused(f"{name} needs {lacking}.")
    if "\x00" in str(data["source"]):
        raise FileRefused(f"{name}: source holds a character that cannot be kept.")
    if not figures["account"].get("column"):
        raise FileRefused(f"{name}: figures.account needs a column.")
    if control.get("branch_total") and "branch" not in figures:
        raise FileRefused(f"{name}: totals of branches need figures.branch.")
    digits = int(data.get("account_digits", 0))
    if not 0 <= digits <= MOST_DIGITS:
        raise FileRefused(f"{name}: account_digits is a number from 0 to {MOST_DIGITS}.")
    return FigureMapping(
        name=name[:60],
        source=str(data["source"])[:60],
        account_digits=digits,
        fields={word: source(entry) for word, entry in figures.items()},
        totals=frozenset(map(str, control.get("total", []))),
        branch_totals=frozenset(map(str, control.get("branch_total", []))),
    )
