"""Columns and sorting of the client list, chosen in the URL (``cols=segment&cols=risk&sort=contact``).

Cells are drawn here and not in the template: the list is the page that is opened most, and a
template asks several questions per cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import (
    Activity,
    Client,
    CommissionTier,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    Segment,
    Source,
)
from clients.querysets import ClientQuerySet
from crm.addresses import address
from crm.money import yuan
from crm.trading_days import today

LABELS = {
    "segment": gettext_lazy("Segment"),
    "lifecycle": gettext_lazy("Lifecycle"),
    "risk": gettext_lazy("Risk grade"),
    "manager": gettext_lazy("Manager"),
    "size": gettext_lazy("Investment size"),
    "style": gettext_lazy("Investment style"),
    "assets": gettext_lazy("Assets"),
    "turnover": gettext_lazy("Turnovers a year"),
    "commission": gettext_lazy("Commission tier"),
    "activity": gettext_lazy("Activity"),
    "source": gettext_lazy("Source"),
    "opened": gettext_lazy("Opening date"),
    "contact": gettext_lazy("Last contact"),
}
USUAL = ("segment", "lifecycle", "risk", "manager", "contact")
_FIELDS: dict[str, tuple[str, ...]] = {
    "segment": ("segment",),
    "lifecycle": ("lifecycle",),
    "risk": ("risk_grade", "risk_expires_on"),
    "manager": ("manager__full_name",),
    "size": ("investment_size",),
    "style": ("investment_style",),
    "assets": ("derived__assets",),
    "turnover": ("derived__turnover_rate",),
    "commission": ("commission_tier",),
    "activity": ("activity",),
    "source": ("source",),
    "opened": ("opened_on",),
    "contact": ("last_contact_on",),
}
# On a phone the head of a column is not shown: a bare figure would not say what it is.
_WIDE = frozenset({"opened", "assets", "turnover"})
_NUMERIC = frozenset({"contact", "opened", "assets", "turnover"})
SORTS = {
    "contact": ("last_contact_on", "id"),
    "opened": ("opened_on", "id"),
    "segment": ("segment__tier", "segment_id", "name_pinyin", "id"),
}
BY_NAME = ("name_pinyin", "id")


@dataclass(frozen=True)
class Head:
    """The head of a column, with the address that sorts by it ('' where one cannot)."""

    key: str
    label: str
    css: str
    sort_url: str = ""
    direction: str = ""


class Columns:
    """What the address asks for; unknown names are left out."""

    def __init__(self, query: QueryDict, *, sees_managers: bool) -> None:
        asked = [key for key in LABELS if key in query.getlist("cols")]
        self.offered = [key for key in LABELS if key != "manager" or sees_managers]
        chosen = asked or list(USUAL)
        self.shown = [key for key in chosen if key in self.offered]
        sort = query.get("sort", "")
        self.sort = sort if sort.removeprefix("-") in SORTS else ""
        self._query = query

    @property
    def order(self) -> tuple[str, ...]:
        """The order of the rows, ending in a unique column."""
        if not self.sort:
            return BY_NAME
        order = SORTS[self.sort.removeprefix("-")]
        if not self.sort.startswith("-"):
            return order
        return tuple(f"-{name}" for name in order)

    def narrowed(self, clients: ClientQuerySet) -> ClientQuerySet:
        """Only what the rows show."""
        fields = [name for key in self.shown for name in _FIELDS[key]]
        rows = clients.select_related("manager") if "manager" in self.shown else clients
        if {"assets", "turnover"} & set(self.shown):
            rows = rows.select_related("derived")
        if "segment__tier" in self.order or "-segment__tier" in self.order:
            rows = rows.select_related("segment")
            fields.append("segment__tier")
        needed = {name.removeprefix("-") for name in self.order if "__" not in name} - {"id"}
        return rows.only("public_id", "name", "title", "name_pinyin", *needed, *fields)

    def heads(self) -> list[Head]:
        """The head line: a click sorts, a second one turns the order round."""
        found = []
        for key in self.shown:
            css = " ".join(
                name
                for name, wanted in (("num", key in _NUMERIC), ("crm-wide", key in _WIDE))
                if wanted
            )
            url = direction = ""
            if key in SORTS:
                query = self._query.copy()
                query.pop("cursor", None)
                query["sort"] = f"-{key}" if self.sort == key else key
                url = f"?{query.urlencode()}"
                if self.sort.removeprefix("-") == key:
                    direction = "descending" if self.sort.startswith("-") else "ascending"
            found.append(Head(key, str(LABELS[key]), css, url, direction))
        return found

    def choices(self) -> list[tuple[str, str, bool]]:
        """Every column that may be shown: key, label, whether it is."""
        return [(key, str(LABELS[key]), key in self.shown) for key in self.offered]

    def rows(
        self, clients: Sequence[Client], segments: dict[int, Segment], *, selectable: bool
    ) -> list[SafeString]:
        """Table rows of the clients, ready to be put in."""
        draw = _Cells(segments)
        cells: list[Callable[[Client], str]] = [getattr(draw, key) for key in self.shown]
        tick = escape(_("Choose"))
        made = []
        for client in clients:
            name = escape(client.address)
            box = (
                f'<td class="crm-tick"><input type="checkbox" class="form-check-input" name="client" '
                f'value="{client.public_id}" form="bulk" aria-label="{tick}: {name}"></td>'
                if selectable
                else ""
            )
            url = address("clients:detail", client.public_id)
            head = f'<th scope="row"><a href="{url}">{name}</a></th>'
            line = "".join(cell(client) for cell in cells)
            made.append(mark_safe(f"<tr>{box}{head}{line}</tr>"))  # noqa: S308 - parts are escaped
        return made


class _Cells:
    """One method per column; texts are looked up once."""

    def __init__(self, segments: dict[int, Segment]) -> None:
        self.day = today()
        self.segments = {key: escape(str(row)) for key, row in segments.items()}
        self.words: dict[type[Any], dict[str, str]] = {
            kind: {value: escape(str(label)) for value, label in kind.choices}
            for kind in (
                *(Lifecycle, InvestmentSize, InvestmentStyle, CommissionTier, Activity, Source),
            )
        }
        self.expired = escape(_("Expired"))
        self.ago = escape(_("d ago"))
        self.today = escape(_("today"))
        never = escape(_("never"))
        self.never = f'<td class="num"><span class="muted">{never}</span></td>'

    def _cell(self, text: str) -> str:
        return f"<td>{text}</td>"

    def segment(self, client: Client) -> str:
        name = self.segments[client.segment_id]
        return f'<td><span class="crm-pill crm-pill-today">{name}</span></td>'

    def lifecycle(self, client: Client) -> str:
        return self._cell(self.words[Lifecycle][client.lifecycle])

    def risk(self, client: Client) -> str:
        if not client.risk_grade:
            return self._cell("")
        late = bool(client.risk_expires_on and client.risk_expires_on < self.day)
        tone, note = (" crm-pill-warn", f" · {self.expired}") if late else ("", "")
        return self._cell(f'<span class="crm-pill{tone}">{client.risk_grade}{note}</span>')

    def manager(self, client: Client) -> str:
        return self._cell(escape(client.manager.full_name) if client.manager else "—")

    def size(self, client: Client) -> str:
        return self._cell(self.words[InvestmentSize].get(client.investment_size, ""))

    def style(self, client: Client) -> str:
        return self._cell(self.words[InvestmentStyle].get(client.investment_style, ""))

    def assets(self, client: Client) -> str:
        """What the figures say, as in the client file; nothing where there are none."""
        derived = getattr(client, "derived", None)
        return f'<td class="num crm-wide">{yuan(derived.assets) if derived else ""}</td>'

    def turnover(self, client: Client) -> str:
        rate = getattr(getattr(client, "derived", None), "turnover_rate", None)
        return f'<td class="num crm-wide">{"" if rate is None else f"{rate.normalize():f}"}</td>'

    def commission(self, client: Client) -> str:
        return self._cell(self.words[CommissionTier].get(client.commission_tier, ""))

    def activity(self, client: Client) -> str:
        return self._cell(self.words[Activity].get(client.activity, ""))

    def source(self, client: Client) -> str:
        return self._cell(self.words[Source].get(client.source, ""))

    def opened(self, client: Client) -> str:
        text = client.opened_on.isoformat() if client.opened_on else ""
        return f'<td class="num crm-wide">{text}</td>'

    def contact(self, client: Client) -> str:
        day: date | None = client.last_contact_on
        if day is None:
            return self.never
        days = (self.day - day).days
        text = f"{days} {self.ago}" if days else self.today
        ago = f'<small class="muted">{text}</small>'
        return f'<td class="num">{day.isoformat()} {ago}</td>'
