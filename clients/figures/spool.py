"""The checked rows of a file in COPY format, on disk until the transaction that loads them.

So memory does not grow with the file, nothing is locked while it is read, and no clear account
number is written down.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from clients.figures.rows import Control, Figure, FigureReader
from clients.importing.reading import FileRefused, rows
from clients.importing.rows import Fault

BATCH = 5000
MOST_CONTROLS = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": " ", "\n": " ", "\r": " ", "\x00": ""})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Spool:
    """The figures, the faults and the control totals of one file."""

    def __init__(self, folder: Path, errors: Path) -> None:
        self.figures = folder / "figures.copy"
        self.faults = folder / "faults.copy"
        self.errors = errors
        self.controls: list[Control] = []
        self.rows = 0
        self.good = 0
        self.refused = 0

    def fill(self, path: Path, reader: FigureReader, progress: Callable[[int], None]) -> None:
        """Read the whole file. Raises FileRefused, and whatever ``progress`` raises to stop it."""
        needed = reader.mapping.columns()
        checked = False
        with (
            self.figures.open("w", encoding="utf-8", newline="") as figures,
            self.faults.open("w", encoding="utf-8", newline="") as faults,
            self.errors.open("w", encoding="utf-8-sig", newline="") as errors,
        ):
            listed = csv.writer(errors)
            listed.writerow(["line", "column", "reason"])
            for number, row in rows(path):
                if not checked and "" not in row:
                    if missing := sorted(needed - set(row)):
                        raise FileRefused(
                            _("%(file)s has no column “%(column)s”, which the mapping names.")
                            % {"file": path.name, "column": missing[0]}
                        )
                    checked = True
                self.rows += 1
                parsed = reader.read(number, row)
                if isinstance(parsed, Figure):
                    self.good += 1
                    figures.write(_line(parsed))
                elif isinstance(parsed, Control):
                    self._keep(parsed, path)
                else:
                    self.refused += 1
                    _refuse(parsed, faults, listed)
                if self.rows % BATCH == 0:
                    progress(self.rows)
        if not checked:
            raise FileRefused(
                _("%(file)s holds no row that fits its header. Export it again.")
                % {"file": path.name}
            )

    def _keep(self, control: Control, path: Path) -> None:
        self.controls.append(control)
        if len(self.controls) > MOST_CONTROLS:
            raise FileRefused(
                _("%(file)s states more than 20,000 totals. Check the mapping.")
                % {"file": path.name}
            )


def _line(figure: Figure) -> str:
    money = "\t".join(["\\N" if text is None else text for text in figure.money])
    trades = "\\N" if figure.trades is None else figure.trades
    branch = figure.branch.translate(_ESCAPES) if figure.branch else ""
    return (
        f"{figure.line}\t\\\\x{figure.number_index.hex()}\t{figure.last4}\t{figure.month}"
        f"\t{money}\t{trades}\t{figure.as_of}\t{branch}\n"
    )


def _refuse(found: list[Fault], faults: IO[str], errors: object) -> None:
    for fault in found:
        cells = [str(fault.line), fault.column, fault.reason]
        errors.writerow("'" + c if c.startswith(_FORMULA) else c for c in cells)  # type: ignore[attr-defined]
        kept = (str(fault.line), fault.column[:80], fault.reason[:300])
        faults.write("\t".join(cell.translate(_ESCAPES) for cell in kept) + "\n")
