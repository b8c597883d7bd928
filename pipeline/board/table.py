"""The columns of the list of opportunities."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.addresses import address
from crm.localized import localized
from crm.money import yuan
from crm.tables import Column, Table
from pipeline.models import OpportunityKind, Stage

COLUMNS = (
    Column("client", gettext_lazy("Client"), order=("client__name_pinyin", "id")),
    Column("stage", gettext_lazy("Stage"), order=("stage__position", "id")),
    Column(
        "amount",
        gettext_lazy("Expected assets"),
        css="num",
        order=("amount", "id"),
        largest_first=True,
    ),
    Column("expected", gettext_lazy("Expected on"), order=("expected_on", "id")),
    Column("next", gettext_lazy("Next step"), order=("next_step_on", "id")),
    Column("since", pgettext_lazy("in the stage", "Since"), order=("stage_since", "id")),
    Column("manager", gettext_lazy("Manager")),
)
DEFAULT = "-since"
# What a row of the list is drawn of and sorted by.
FIELDS = (
    "public_id",
    "kind",
    "state",
    "amount",
    "expected_on",
    "next_step",
    "next_step_on",
    "stage_since",
    "client__name",
    "client__name_pinyin",
    "manager__full_name",
    "stage__name_zh",
    "stage__name_en",
    "stage__position",
    "id",
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
    """``row`` of ``FIELDS`` for a list that is read on ``day``."""
    # What is won or lost is over: the step that was planned last is history.
    is_open = row.state == Stage.Kind.OPEN
    due = row.next_step_on if is_open else None
    return Row(
        url=address("pipeline:detail", row.public_id),
        client=row.client__name,
        stage=localized(row, "stage__name"),
        kind=str(OpportunityKind(row.kind).label),
        amount=yuan(row.amount),
        expected_on=row.expected_on,
        next_step=row.next_step if is_open else "",
        next_step_on=due,
        late=due is not None and due < day,
        gap=is_open and due is None and not row.next_step,
        stage_since=row.stage_since,
        manager=row.manager__full_name or "",
    )


def table(query: QueryDict) -> Table:
    """The columns sorted as an address asks; by an unknown name as usual."""
    return Table(COLUMNS, query, default=DEFAULT)
