"""Rows of the client file that are edited in place: what people change often (docs/access.md).

Each row is saved alone. It carries a digest of what it showed, so that only a change of the same row
by somebody else is a conflict: two people who change two rows do not stand in each other's way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import (
    Client,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    ProspectType,
)
from crm.localized import choice, listed


@dataclass(frozen=True)
class Row:
    """Columns that stand in one row, and how the row reads. ``anchor``: its field on the form of
    the whole client, below ``page``."""

    key: str
    label: Any
    fields: tuple[str, ...]
    text: Callable[[Client], str]
    page: str = "edit/"

    def state(self, client: Client, tags: Sequence[str] = ()) -> str:
        """A digest of the values of the row."""
        values = list(tags) if self.key == "tags" else [getattr(client, f) for f in self.fields]
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Shown:
    """A row as the file shows it."""

    key: str
    label: str
    text: str
    url: str
    page: str


def _hours(client: Client) -> str:
    if client.calls_refused:
        return _("wants no calls")
    if client.call_from is None or client.call_until is None:
        return ""
    return f"{client.call_from:%H:%M}–{client.call_until:%H:%M}"


_WISHES = "consents/"
ROWS = {
    row.key: row
    for row in (
        Row("hours", gettext_lazy("Calls"), ("call_from", "call_until"), _hours, _WISHES),
        Row(
            "contact_note",
            gettext_lazy("How to reach"),
            ("contact_note",),
            lambda client: client.contact_note,
            _WISHES,
        ),
        Row(
            "income_level",
            gettext_lazy("Income level"),
            ("income_level",),
            lambda client: choice(IncomeLevel, client.income_level),
        ),
        Row(
            "investment_size",
            gettext_lazy("Investment size"),
            ("investment_size",),
            lambda client: choice(InvestmentSize, client.investment_size),
        ),
        Row(
            "investment_style",
            gettext_lazy("Investment style"),
            ("investment_style",),
            lambda client: choice(InvestmentStyle, client.investment_style),
        ),
        Row(
            "prospect_type",
            gettext_lazy("Prospect type"),
            ("prospect_type",),
            lambda client: choice(ProspectType, client.prospect_type),
        ),
        Row("tags", gettext_lazy("Tags"), (), lambda _client: "", ""),
        Row("notes", gettext_lazy("Notes"), ("notes",), lambda client: client.notes),
    )
}


def shown(row: Row, client: Client, tags: Sequence[str]) -> Shown:
    """One row of a client; ``tags`` are the client's."""
    here = client.get_absolute_url()
    text = listed(tags) if row.key == "tags" else row.text(client)
    page = f"{here}{row.page}#id_{row.fields[0]}" if row.page else f"{here}rows/{row.key}/"
    return Shown(row.key, str(row.label), text, f"{here}rows/{row.key}/", page)


def all_rows(client: Client, tags: Sequence[str]) -> list[Shown]:
    """All rows of a client, in order."""
    rows = [shown(row, client, tags) for row in ROWS.values()]
    prospect = client.lifecycle == Lifecycle.PROSPECT
    return [row for row in rows if prospect or row.text or row.key != "prospect_type"]


def tags_of(client: Client) -> list[str]:
    """The client's tags by name, as ``head.around`` reads them with the rest."""
    names = client.tags.order_by("tag__name", "tag_id").values_list("tag__name", flat=True)
    return list(names)
