"""The first sheet of a workbook as lines of JSON: run as a program of its own, with limits.

Each line is a list of rows, each row its number and its texts; a lone text is what went wrong,
and ``null`` the end. It imports nothing of the product, so the limits leave room for the file.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

# Of the data kept, of the whole address space, and of computing.
DATA = 256 * 1024 * 1024
MEMORY = 1024 * 1024 * 1024
SECONDS = 600
_EXACT = 10**15
# What an export puts before a cell so that no spreadsheet takes it for a formula.
_GUARDED = tuple(f"'{sign}" for sign in "=+-@")


def plain(cell: str) -> str:
    """A cell's text without the blanks around it and without the guard of an export."""
    cell = cell.strip()
    return cell[1:] if cell.startswith(_GUARDED) else cell


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "date"):
        return str(value.date().isoformat())
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        # A sheet keeps fifteen digits: what a number of more has behind them is made up.
        return f"{value:.14E}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(str(value))


def _send(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(path: str) -> None:
    """Write the rows to standard output."""
    # Here, since the process that starts this one takes constants of the module and no workbook.
    from openpyxl import load_workbook

    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # Opened here: by its name, which says nothing, it would be refused.
    with open(path, "rb") as file:
        _read(load_workbook(file, read_only=True, data_only=True).worksheets[0])
    _send(None)


def _read(sheet: Any) -> None:
    part: list[tuple[int, list[str]]] = []
    width = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_cell(cell) for cell in cells]
        if not width:
            while texts and not texts[-1]:
                texts.pop()
            width = len(texts)
        # A sheet may leave out the empty cells at the end of a row.
        texts += [""] * (width - len(texts))
        part.append((number, texts))
        if len(part) == 500:
            _send(part)
            part = []
    _send(part)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except MemoryError:
        sys.exit(1)
    except Exception as error:
        _send(str(error)[:200] or type(error).__name__)
