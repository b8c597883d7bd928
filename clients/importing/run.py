"""One pass over a file in batches: valid rows are loaded, others reported."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients.importing.load import Loader, Result
from clients.importing.reading import FileRefused, Row, rows
from clients.importing.registry import parts
from clients.importing.rows import Fault, Reader, Record
from clients.importing.seen import Seen
from clients.models import Assignment, Client, SegmentChange
from crm.cells import guarded
from crm.statistics import analyze

Told = Callable[[list[Fault], Row], None]
Entry = tuple[Record, int | None, Row]


class Run:
    """One pass over the file; ``tell`` gets each refused row, ``progress`` the rows read so far."""

    def __init__(
        self,
        path: Path,
        reader: Reader,
        loader: Loader,
        size: int,
        *,
        tell: Told,
        dry: bool = False,
        rehearse: bool = False,
        name: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.path, self.reader, self.loader, self.size, self.dry = path, reader, loader, size, dry
        self.name = name or path.name
        self.tell, self.rehearse, self.progress = tell, rehearse, progress
        self.result = Result()
        self.keys, self.numbers, self.accounts = Seen(), Seen(), Seen()
        self.good = 0
        self.bad = 0
        self.read = 0

    def all(self) -> None:
        """Read the whole file and load its valid rows. Raises FileRefused."""
        batch: list[Entry] = []
        for record, row in self._records():
            try:
                manager = self.loader.manager_of(record)
            except ValidationError as error:
                self._refuse([Fault(record.line, "managers", " ".join(error.messages))], row)
                continue
            if fault := self._twice(record):
                self._refuse([fault], row)
                continue
            self.good += 1
            batch.append((record, manager, row))
            if len(batch) >= self.size:
                self._load(batch)
                batch = []
        self._load(batch)
        if not self.dry and not self.rehearse:
            analyze(Client, Assignment, SegmentChange)
            for part in parts().values():
                part.finish()

    def _twice(self, record: Record) -> Fault | None:
        if not self.keys.add(record.key):
            reason = _("The key %(key)s comes twice.") % {"key": record.key}
            return Fault(record.line, "key", reason)
        account = record.payloads.get("account", {}).get("number")
        if account and not self.accounts.add(account):
            return Fault(record.line, "account", _("The account number comes twice in the file."))
        number = self.loader.rule.number(record)
        if number and not self.numbers.add(number):
            return Fault(record.line, "", _("The number comes twice in the file."))
        return None

    def _records(self) -> Iterator[tuple[Record, Row]]:
        checked = False
        for number, row in rows(self.path, self.name):
            self.read += 1
            if not checked and "" not in row:
                missing = self.reader.mapping.columns() - set(row)
                if missing:
                    raise FileRefused(
                        _("%(name)s has no column “%(column)s”, which the mapping names.")
                        % {"name": self.name, "column": sorted(missing)[0]}
                    )
                checked = True
            record, faults = self.reader.read(number, row)
            if record is None:
                self._refuse(faults, row)
                if self.progress and self.read % self.size == 0:
                    self.progress(self.read)
            else:
                yield record, row

    def _refuse(self, faults: list[Fault], row: Row) -> None:
        self.bad += 1
        self.tell(faults, row)

    def _load(self, batch: list[Entry]) -> None:
        if batch and not self.dry:
            loaded = self.loader.load(
                [(record, manager) for record, manager, _row in batch], rehearse=self.rehearse
            )
            self.result.add(loaded)
            by_line = {record.line: row for record, _manager, row in batch}
            for fault in loaded.faults:
                self.good -= 1
                self._refuse([fault], by_line[fault.line])
        if self.progress:
            self.progress(self.read)


class FaultFile:
    """The refused rows as a CSV stream; created with the first one.

    ``columns`` of the file stand before the reasons, so that the rows can be mended and loaded
    again; without them each fault is a line of its own.
    """

    def __init__(self, target: Path, columns: list[str] | None = None) -> None:
        self.target = target
        self.columns = columns
        self.count = 0
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def tell(self, faults: list[Fault], row: Row) -> None:
        """Write a refused row down."""
        if self._file is None:
            self._file = self.target.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._write([*(self.columns or []), *_HEAD])
        self.count += 1
        if self.columns is None:
            for fault in faults:
                self._write([str(fault.line), fault.column, fault.reason])
            return
        cells = [row.get(column, "") for column in self.columns]
        named = " ".join(dict.fromkeys(fault.column for fault in faults if fault.column))
        reasons = " ".join(dict.fromkeys(fault.reason for fault in faults))
        self._write([*cells, str(faults[0].line), named, reasons])

    def _write(self, cells: list[str]) -> None:
        self._writer.writerow([guarded(cell) for cell in cells])


_HEAD = ("line", "column", "reason")
