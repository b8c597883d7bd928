"""Rows of clients as CSV or XLSX, written as a stream."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from clients.directory import table
from clients.models import Identity, Phone, Segment, Title
from clients.normalisation import mask_identity_number, mask_phone
from clients.querysets import ClientQuerySet
from crm.cells import guarded
from crm.tables import Column

BATCH = 1000
# Rows of a sheet, its head included.
MOST_XLSX = 1_048_576


class Known(table.Known):
    """What the list knows, and the numbers of the clients of one batch by their keys."""

    phones: dict[int, str]
    papers: dict[int, str]


def _shared(*keys: str) -> tuple[Column, ...]:
    by_key = {column.key: column for column in table.COLUMNS}
    return tuple(by_key[key] for key in keys)


# Columns of a file: those of the list that have a text, and what only a file tells.
COLUMNS = (
    Column("name", _("Name"), fields=("name",), text=lambda row, _known: row.name),
    Column(
        "title",
        _("form of address"),
        fields=("title",),
        text=lambda row, known: known.words[Title].get(row.title, ""),
    ),
    Column("phone", _("Phone"), text=lambda row, known: known.phones.get(row.pk, "")),
    Column("paper", _("Identity number"), text=lambda row, known: known.papers.get(row.pk, "")),
    *_shared("lifecycle", "segment", "risk", "size", "style", "activity"),
    *_shared("source", "opened", "contact", "manager"),
    Column(
        "branch", _("Branch"), fields=("branch__code",), text=lambda row, _known: row.branch__code
    ),
)
# What identifies or reaches a person; masked unless it was asked for in the clear.
PERSONAL = frozenset({"name", "phone", "paper"})
_FIELDS = ["pk", *dict.fromkeys(name for column in COLUMNS for name in column.fields)]


class Writer(Protocol):
    """A file written line by line."""

    def line(self, cells: Sequence[str]) -> None:
        """Write a line."""

    def close(self) -> None:
        """No more lines."""


class CsvWriter:
    """UTF-8 with a mark, as spreadsheets in Chinese offices expect it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)

    def line(self, cells: Sequence[str]) -> None:
        """Write a line."""
        self._writer.writerow([guarded(cell) for cell in cells])

    def close(self) -> None:
        """No more lines."""
        self._file.close()


class XlsxWriter:
    """A workbook whose rows go to the disk at once; every cell is text."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook  # 28 MB with numpy, which few processes need

        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet()

    def line(self, cells: Sequence[str]) -> None:
        """Write a line."""
        self._sheet.append([guarded(cell) for cell in cells])

    def close(self) -> None:
        """No more lines."""
        self._book.save(self._path)


def heads() -> list[str]:
    """The head line in the language in use."""
    return [str(column.title) for column in COLUMNS]


def batches(clients: ClientQuerySet, *, in_clear: bool) -> Iterator[list[tuple[int, list[str]]]]:
    """Key and cells of each client, by key; the next thousand are read when they are asked for."""
    known = Known({row.pk: row for row in Segment.objects.all()})
    texts = [column.text for column in COLUMNS if column.text is not None]
    last = 0
    while True:
        rows = list(
            clients.filter(pk__gt=last).order_by("pk").values_list(*_FIELDS, named=True)[:BATCH]
        )
        if not rows:
            return
        last = rows[-1].pk
        known.phones, known.papers = _numbers([row.pk for row in rows], in_clear=in_clear)
        yield [(row.pk, [text(row, known) for text in texts]) for row in rows]


def _numbers(keys: list[int], *, in_clear: bool) -> tuple[dict[int, str], dict[int, str]]:
    """First phone and first paper of each client; keys come from a list read through the scope."""
    of_keys = {"client__in": keys, "valid_to": None}
    phones: dict[int, str] = {}
    for phone in Phone.objects.filter(**of_keys, is_primary=True):
        number = phone.number
        phones[phone.client_id] = number.removeprefix("+86") if in_clear else mask_phone(number)
    papers: dict[int, str] = {}
    for paper in Identity.objects.filter(**of_keys).order_by("id"):
        number = paper.number
        papers.setdefault(paper.client_id, number if in_clear else mask_identity_number(number))
    return phones, papers
