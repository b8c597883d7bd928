"""The columns by which the list of opportunities can be sorted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.addresses import address
from crm.localized import localized
from crm.money import yuan
from crm.paging import PARAMETER
from pipeline.models import OpportunityKind, Stage

# Name of a sorting, and its keys; all end in a unique one.
ORDERS = {
    "since": ("stage_since", "id"),
    "client": ("client__name_pinyin", "id"),
    "stage": ("stage__position", "id"),
    "amount": ("amount", "id"),
    "expected": ("expected_on", "id"),
    "next": ("next_step_on", "id"),
}
DEFAULT = "-since"
# What a row of the list is drawn of and sorted by.
COLUMNS = (
    *("public_id", "kind", "state", "amount", "expected_on", "next_step", "next_step_on"),
    *("stage_since", "client__name", "client__name_pinyin", "manager__full_name"),
    *("stage__name_zh", "stage__name_en", "stage__position", "id"),
)


class Row(NamedTuple):
    """One opportunity as the list draws it."""

    url: str
    client: str
    stage: str
    kind: str
    amount: str
    expected_on: date | None
    next_step: str
    next_step_on: date | None
    late: bool
    gap: bool
    stage_since: date
    manager: str


def drawn(row: Any, day: date) -> Row:
    """``row`` of ``COLUMNS`` for a list that is read on ``day``."""
    is_open, due = row.state == Stage.Kind.OPEN, row.next_step_on
    return Row(
        url=address("pipeline:detail", row.public_id),
        client=row.client__name,
        stage=localized(row, "stage__name"),
        kind=str(OpportunityKind(row.kind).label),
        amount=yuan(row.amount),
        expected_on=row.expected_on,
        next_step=row.next_step,
        next_step_on=due,
        late=is_open and due is not None and due < day,
        gap=is_open and due is None and not row.next_step,
        stage_since=row.stage_since,
        manager=row.manager__full_name or "",
    )


@dataclass(frozen=True)
class Head:
    """The head of one column; the address turns the order round where it is sorted by already."""

    label: str
    css: str
    direction: str
    url: str


def chosen(query: QueryDict) -> tuple[str, tuple[str, ...]]:
    """The sorting that an address asks for and its keys; an unknown one is the usual one."""
    sort = query.get("sort", "")
    if sort.removeprefix("-") not in ORDERS:
        sort = DEFAULT
    keys = ORDERS[sort.removeprefix("-")]
    return sort, tuple(f"-{key}" for key in keys) if sort.startswith("-") else keys


def heads(query: QueryDict, sort: str) -> list[Head]:
    """The heads of the columns that sort, in their order on the page."""
    labels = {
        "client": _("Client"),
        "stage": _("Stage"),
        "amount": _("Expected assets"),
        "expected": _("Expected on"),
        "next": _("Next step"),
        "since": pgettext("in the stage", "Since"),
    }
    found = []
    for name, label in labels.items():
        wanted = f"-{name}" if sort == name or (name == "amount" and sort != "-amount") else name
        kept = query.copy()
        kept.pop(PARAMETER, None)
        kept["sort"] = wanted
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        found.append(
            Head(label, "num" if name == "amount" else "", direction, f"?{kept.urlencode()}")
        )
    return found
