"""Accounts, back-office files and runs for the tests of figures."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import override

HEADER = [
    "资金账号",
    "月份",
    "数据日期",
    "营业部",
    "期末资产",
    "净流入",
    "成交金额",
    "成交笔数",
    "净佣金",
]
OURS, OTHERS, NOBODYS = "880012345678", "880099990000", "880055551111"


def line(
    account: str = OURS,
    month: str = "2026-05",
    assets: str = "200000",
    turnover: str = "50000",
    trades: str = "4",
    *,
    as_of: str = "",
    branch: str = "PD",
    inflow: str = "0",
    commission: str = "12.50",
) -> list[str]:
    """A row of the file, in the order of the header."""
    return [account, month, as_of, branch, assets, inflow, turnover, trades, commission]


class BackOffice:
    """A directory with files of figures, and imports of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.errors = path / "errors.csv"

    def csv(
        self, *rows: Iterable[str], header: list[str] | None = None, encoding: str = "utf-8"
    ) -> Path:
        text = "\r\n".join(",".join(row) for row in (header or HEADER, *rows)) + "\r\n"
        file = self.path / "figures.csv"
        file.write_bytes(text.encode(encoding))
        return file

    def load(self, *rows: Iterable[str], file: Path | None = None, **options: Any) -> list[str]:
        """Import the rows, or a file; what the command says, line by line."""
        said = StringIO()
        options = {"mapping": "back-office-zh", "errors": str(self.errors), **options}
        with override("en"):
            call_command("import_figures", str(file or self.csv(*rows)), stdout=said, **options)
        return said.getvalue().splitlines()

    def refusal(self, *rows: Iterable[str], file: Path | None = None, **options: Any) -> str:
        """The sentence with which the file as a whole is refused."""
        try:
            said = self.load(*rows, file=file, **options)
        except CommandError as error:
            return str(error)
        raise AssertionError(f"It was not refused: {said}")

    def faults(self) -> list[str]:
        return self.errors.read_text(encoding="utf-8-sig").splitlines()[1:]
