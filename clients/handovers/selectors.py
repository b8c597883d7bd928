"""What stands before one decides about a hand-over: each client with what they mean to a manager."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from clients.handovers import sharing
from clients.handovers.services import served_by
from clients.models import Client, HandOverItem
from clients.querysets import ClientQuerySet
from crm.money import yuan
from staff.models import Employee

# Rows of a table; totals are of all clients.
SHOWN = 200


@dataclass(frozen=True)
class ClientLine:
    """One client: assets in CNY as last reported (``None``: unknown), callbacks and opportunities open."""

    client: Client
    assets: Decimal | None
    work: int


@dataclass(frozen=True)
class Book:
    """Clients by assets, the largest first, at most ``SHOWN``; totals of all of them."""

    lines: list[ClientLine]
    clients: int
    assets: Decimal | None
    work: int

    @property
    def is_cut(self) -> bool:
        return self.clients > len(self.lines)


def book(rows: ClientQuerySet) -> Book:
    """These clients (already within the reader's reach); the same number of queries for any number."""
    keys = list(rows.order_by().values_list("pk", flat=True))
    of = sharing.loads(keys)
    first = sorted(keys, key=lambda key: (-of.assets.get(key, Decimal(-1)), key))[:SHOWN]
    found = rows.filter(pk__in=first).select_related("segment").in_bulk()
    return Book(
        lines=[
            ClientLine(found[key], of.assets.get(key), of.work.get(key, 0))
            for key in first
            if key in found
        ],
        clients=len(keys),
        assets=sum(of.assets.values(), Decimal(0)) if of.assets else None,
        work=sum(of.work.values()),
    )


def book_of(origin: Employee | None, by: Employee) -> Book:
    """Whom a hand-over of the whole book of ``origin`` would take."""
    return book(Client.objects.editable_by(by).filter(served_by(origin)))


def burdens(people: Iterable[Employee], by: Employee) -> dict[int, tuple[int, str]]:
    """Clients and assets, in words, of each of ``people`` by key; only for heads, who see them all."""
    if not (by.is_head or by.is_superuser):
        return {}
    keys: Collection[int] = [person.pk for person in people]
    rows = Client.objects.visible_to(by).filter(manager__in=keys, merged_into=None)
    sums = rows.order_by().values("manager").annotate(n=Count("pk"), sum=Sum("derived__assets"))
    found = {row["manager"]: (row["n"], yuan(row["sum"]) if row["sum"] else "") for row in sums}
    return {key: found.get(key, (0, "")) for key in keys}


@dataclass(frozen=True)
class ItemLine:
    """One client of a hand-over; figures only while they are those of the manager to come."""

    item: HandOverItem
    is_seen: bool
    assets: Decimal | None
    work: int | None


def by_assets(
    items: QuerySet[HandOverItem], seen: Collection[int], of: sharing.Loads | None
) -> list[ItemLine]:
    """The first ``SHOWN`` items; by assets where ``of`` measures them."""
    if of is None:
        return [ItemLine(item, item.client_id in seen, None, None) for item in items[:SHOWN]]
    nothing = Decimal(-1)
    keys = [
        client
        for client, _amount in sorted(
            (
                (key, of.assets.get(key, nothing))
                for key in items.order_by().values_list("client", flat=True)
            ),
            key=lambda pair: (-pair[1], pair[0]),
        )
    ][:SHOWN]
    lines = [
        ItemLine(
            item,
            item.client_id in seen,
            of.assets.get(item.client_id),
            of.work.get(item.client_id, 0),
        )
        for item in items.filter(client__in=keys)
    ]
    return sorted(lines, key=lambda line: keys.index(line.item.client_id))
