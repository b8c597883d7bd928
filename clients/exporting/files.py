"""Rows of clients as CSV or XLSX, written as a stream."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from clients.directory.table import LABELS
from clients.models import (
    Activity,
    Identity,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    Phone,
    Segment,
    Source,
    Title,
)
from clients.normalisation import mask_identity_number, mask_phone
from clients.querysets import ClientQuerySet
from crm.cells import guarded

BATCH = 1000
# Rows of a sheet, its head included.
MOST_XLSX = 1_048_576
_FIELDS = (
    "pk", "name", "title", "lifecycle", "segment_id", "risk_grade", "investment_size",
    "investment_style", "activity", "source", "opened_on", "last_contact_on", "branch__code",
)  # fmt: skip


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
    labels = [LABELS[key] for key in ("lifecycle", "segment", "risk", "size", "style", "activity")]
    labels += [LABELS[key] for key in ("source", "opened", "contact", "manager")]
    return [_("Name"), _("form of address"), _("Phone"), _("Identity number"),
            *map(str, labels), _("Branch")]  # fmt: skip


def batches(clients: ClientQuerySet, *, in_clear: bool) -> Iterator[list[tuple[int, list[str]]]]:
    """Key and cells of each client, by key; read lazily in chunks of a thousand."""
    segments = {row.pk: str(row) for row in Segment.objects.all()}
    words: dict[str, dict[str, str]] = {
        name: {value: str(label) for value, label in kind.choices}
        for name, kind in (
            ("title", Title), ("lifecycle", Lifecycle), ("investment_size", InvestmentSize),
            ("investment_style", InvestmentStyle), ("activity", Activity), ("source", Source),
        )
    }  # fmt: skip
    last = 0
    while True:
        rows = list(
            clients.filter(pk__gt=last)
            .order_by("pk")
            .values_list(*_FIELDS, "manager__full_name", named=True)[:BATCH]
        )
        if not rows:
            return
        last = rows[-1].pk
        phones, papers = _numbers([row.pk for row in rows], in_clear=in_clear)
        yield [
            (
                row.pk,
                [
                    row.name,
                    words["title"].get(row.title, ""),
                    phones.get(row.pk, ""),
                    papers.get(row.pk, ""),
                    words["lifecycle"][row.lifecycle],
                    segments[row.segment_id],
                    row.risk_grade,
                    words["investment_size"].get(row.investment_size, ""),
                    words["investment_style"].get(row.investment_style, ""),
                    words["activity"].get(row.activity, ""),
                    words["source"].get(row.source, ""),
                    row.opened_on.isoformat() if row.opened_on else "",
                    row.last_contact_on.isoformat() if row.last_contact_on else "",
                    row.manager__full_name or "",
                    row.branch__code,
                ],
            )
            for row in rows
        ]


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
