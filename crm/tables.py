"""Columns of tables, each defined once: the list, its sorting, its picker and exports share them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.functional import Promise

from crm.paging import PARAMETER


class Cell(NamedTuple):
    """What a list shows in one place: a text, the classes of what stands around it, a small note."""

    text: str
    css: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``css``: classes of its head and cells; "num" aligns figures, "crm-wide" leaves it out on a
    phone. ``order``: keys to sort by, the last one unique; without them it does not sort.
    ``largest_first``: the first click sorts downwards. ``fields``: what a list reads for it.
    ``needs``: the right without which it is neither shown nor offered. ``cell`` and ``text`` make
    what a list and what a file shows of a row, given what the list or the file has looked up.
    """

    key: str
    title: str | Promise
    css: str = ""
    order: tuple[str, ...] = ()
    largest_first: bool = False
    fields: tuple[str, ...] = ()
    needs: str = ""
    cell: Callable[[Any, Any], Cell] | None = None
    text: Callable[[Any, Any], str] | None = None


@dataclass(frozen=True)
class Head:
    """The head of a column, with the address that sorts by it ('' where one cannot).

    A click on the column that sorts already turns the order round. ``direction``: ascending,
    descending or ''.
    """

    key: str
    label: str
    css: str
    sort_url: str = ""
    direction: str = ""


class Table:
    """Columns as an address asks for them: ``cols`` says which, ``sort`` by which (``-key``: downwards).

    Unknown names are left out. ``usual``: the columns shown where the address chooses none; without
    it there is no choice and all are shown. ``sort`` is '' or the sorting in use, ``default`` where
    the address names none.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        query: QueryDict,
        *,
        rights: Collection[str] = (),
        usual: Collection[str] | None = None,
        default: str = "",
    ) -> None:
        self._query = query
        self._by_key = {column.key: column for column in columns}
        self.offered = [c for c in columns if not c.needs or c.needs in rights]
        self.columns = self.offered
        if usual is not None:
            asked = set(query.getlist("cols")) & self._by_key.keys() or usual
            self.columns = [column for column in self.offered if column.key in asked]
        sort = query.get("sort", "")
        column = self._by_key.get(sort.removeprefix("-"))
        self.sort = sort if column is not None and column.order else default

    @property
    def shown(self) -> list[str]:
        """The keys of the columns shown, in their order."""
        return [column.key for column in self.columns]

    @property
    def order(self) -> tuple[str, ...]:
        """The keys of the sorting in use, the last one unique; () where nothing sorts."""
        if not self.sort:
            return ()
        order = self._by_key[self.sort.removeprefix("-")].order
        return tuple(f"-{key}" for key in order) if self.sort.startswith("-") else order

    def heads(self) -> list[Head]:
        """The heads of the columns shown."""
        return [self._head(column) for column in self.columns]

    def choices(self) -> list[tuple[str, str, bool]]:
        """Every column that may be shown: key, title, whether it is."""
        shown = self.shown
        return [(c.key, str(c.title), c.key in shown) for c in self.offered]

    def cells(self, row: Any, known: Any) -> list[tuple[str, Cell]]:
        """The cells of a row, each with the classes of its column. ``known``: see Column."""
        return [(c.css, c.cell(row, known)) for c in self.columns if c.cell is not None]

    def _head(self, column: Column) -> Head:
        if not column.order:
            return Head(column.key, str(column.title), column.css)
        up, down = column.key, f"-{column.key}"
        query = self._query.copy()
        query.pop(PARAMETER, None)
        query["sort"] = (
            down if self.sort == up or (column.largest_first and self.sort != down) else up
        )
        direction = {up: "ascending", down: "descending"}.get(self.sort, "")
        return Head(column.key, str(column.title), column.css, f"?{query.urlencode()}", direction)
