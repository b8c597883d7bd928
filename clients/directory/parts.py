"""What rooms above show in each row of the client list (docs/architecture.md).

The list belongs to ``clients/``; what is planned with a client, and what one may start from a row,
does not. A room registers a ``ListPart`` at start-up; it is read once for all rows of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from crm.registry import Registry
from crm.tables import Cell
from staff.models import Employee


class Next(NamedTuple):
    """What a room knows of one client: its cell, and where a row leads at once ('': nowhere)."""

    cell: Cell
    url: str = ""


@dataclass(frozen=True)
class RowAct:
    """Something to start with a client: its icon, its words, and the route that takes their key."""

    icon: str
    label: str | Promise
    route: str


@dataclass(frozen=True)
class ListPart:
    """A column of the client list that a room above fills.

    ``read``: by keys of clients whom the employee sees; clients without anything are left out.
    ``acts``: offered in each row to whoever may change clients; ``go``: the words of ``Next.url``.
    """

    key: str
    title: str | Promise
    read: Callable[[Employee, Collection[int]], Mapping[int, Next]]
    acts: tuple[RowAct, ...] = ()
    go: str | Promise = ""


parts: Registry[ListPart] = Registry("parts of the client list")
