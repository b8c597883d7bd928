"""Files, mappings and runs for the tests of the import."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import override

HEADER = ["编号", "姓名", "称呼", "手机", "证件", "生日", "资产"]
MAPPING = """
source = "old-crm"

[client]
key = { column = "编号" }
name = { column = "姓名" }
title = { column = "称呼", values = { "先生" = "mr", "女士" = "ms" } }
phone = { column = "手机" }
id_card = { column = "证件" }
birthday = { column = "生日" }
investment_size = { column = "资产", below = [[100000, "small"], [500000, "medium"]], default = "" }
"""
ZHANG = ["A1", "张伟", "先生", "13812345678", "11010519491231002X", "1949-12-31", "50000"]
LI = ["A2", "李娜", "女士", "139 0000 8214", "", "1985/2/3", "200000"]


class Desk:
    """A directory with a mapping, and imports from it into the branch PD."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mapping = path / "mapping.toml"
        self.mapping.write_text(MAPPING, encoding="utf-8")
        self.errors = path / "errors.csv"

    def csv(self, *rows: Iterable[str], by: str = ",", encoding: str = "utf-8") -> Path:
        """A file with the header and these rows."""
        text = "\r\n".join(by.join(row) for row in (HEADER, *rows)) + "\r\n"
        return self.raw(text.encode(encoding))

    def raw(self, data: bytes, name: str = "list.csv") -> Path:
        file = self.path / name
        file.write_bytes(data)
        return file

    def load(self, file: Path | str, **options: Any) -> str:
        """Import the file; what the command says."""
        said = StringIO()
        options = {"mapping": str(self.mapping), "branch": "PD", **options}
        options |= {"errors": str(self.errors), "stdout": said}
        with override("en"):
            call_command("import_clients", str(file), **options)
        return said.getvalue()

    def refusal(self, file: Path | str, **options: Any) -> str:
        """The sentence with which the file as a whole is refused."""
        try:
            said = self.load(file, **options)
        except CommandError as error:
            return str(error)
        raise AssertionError(f"It was not refused: {said}")

    def faults(self) -> list[str]:
        return self.errors.read_text(encoding="utf-8-sig").splitlines()[1:]
