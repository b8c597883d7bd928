"""How the clients of a hand-over are shared among receivers, and what each of them then gets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import add, mul

from django.db import transaction

from clients.models import Client, DerivedProfile, HandOver, Membership
from crm.operations import OpenWorkCounted, open_work
from staff.models import Employee

Rule = HandOver.Rule
Distribution = list[tuple[Client, Employee]]
ZERO = Decimal(0)


@dataclass(frozen=True)
class Loads:
    """What clients mean to whoever serves them, by key: assets (CNY), open work, household."""

    assets: Mapping[int, Decimal]
    work: Mapping[int, int]
    households: Mapping[int, int]


@dataclass
class Share:
    """What one receiver gets. Assets in CNY; ``None`` where the figures of nobody are known."""

    receiver: Employee
    clients: int = 0
    assets: Decimal | None = None
    work: int = 0
    homes: set[int] = field(default_factory=set)

    @property
    def households(self) -> int:
        return len(self.homes)


@transaction.atomic
def loads(clients: Collection[int]) -> Loads:
    """Assets, open work and households of clients; the same number of queries for any number."""
    known = DerivedProfile.objects.filter(client__in=clients)
    counted = OpenWorkCounted(clients=list(clients))
    open_work.run(counted)
    members = Membership.objects.filter(client__in=clients, valid_to=None)
    return Loads(
        assets=dict(known.values_list("client", "assets")),
        work=counted.counts,
        households=dict(members.values_list("client", "household")),
    )


def shares(pairs: Iterable[tuple[int, Employee]], of: Loads) -> list[Share]:
    """The four figures of each receiver: clients, assets, open work, households."""
    found: dict[int, Share] = {}
    for client, receiver in pairs:
        share = found.setdefault(receiver.pk, Share(receiver))
        share.clients += 1
        share.work += of.work.get(client, 0)
        if client in of.assets:
            share.assets = (share.assets or ZERO) + of.assets[client]
        if client in of.households:
            share.homes.add(of.households[client])
    return sorted(found.values(), key=lambda share: (share.receiver.full_name, share.receiver.pk))


@dataclass(frozen=True)
class _Unit:
    """Clients who go to one receiver: a household, or one client."""

    clients: list[Client]
    household: int | None
    weight: tuple[float, ...]


def distribute(
    clients: Sequence[Client],
    receivers: Sequence[Employee],
    rule: str,
    of: Loads,
    *,
    together: bool,
    given: Mapping[int, Employee] | None = None,
) -> Distribution:
    """Pairs of client and receiver, in the order of ``clients``.

    The heaviest go first, each to whoever has least of what makes it heavy: by ``rule`` clients,
    assets, open work or all three; within each tier, or among the receivers of the client's branch,
    where the rule says so. With ``together``, members of a household go to one receiver; ``given``
    are receivers by household of those who were shared before.
    """
    weights = _weights(clients, rule, of)
    units = _units(clients, weights, of.households if together else {})
    has: dict[tuple[int, int], tuple[float, ...]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    count: Counter[int] = Counter()
    chosen: dict[int, Employee] = {}
    for unit in sorted(units, key=lambda unit: (_part(unit, rule), -sum(unit.weight))):
        part = _part(unit, rule)
        person = (given or {}).get(unit.household or 0)
        if person is None:
            home = unit.clients[0].branch_id
            near = [one for one in receivers if one.branch_id == home]
            among = near if rule == Rule.BRANCH and near else receivers
            burdens = [
                (sum(map(mul, has[part, one.pk], unit.weight)), count[one.pk]) for one in among
            ]
            person = among[burdens.index(min(burdens))]
        has[part, person.pk] = tuple(map(add, has[part, person.pk], unit.weight))
        count[person.pk] += len(unit.clients)
        chosen |= {client.pk: person for client in unit.clients}
    return [(client, chosen[client.pk]) for client in clients]


def _part(unit: _Unit, rule: str) -> int:
    """What is shared evenly in itself: a tier, where the rule says so; else the whole."""
    return max(int(client.segment.tier) for client in unit.clients) if rule == Rule.TIER else 0


def _weights(clients: Sequence[Client], rule: str, of: Loads) -> dict[int, tuple[float, ...]]:
    """Each client's part of all clients, assets and open work; 0 in what does not count."""
    keys = [client.pk for client in clients]
    columns: list[list[float]] = [
        [1.0] * len(keys) if rule not in {Rule.ASSETS, Rule.WORK} else [0.0] * len(keys),
        [
            float(of.assets.get(key, ZERO)) if rule in {Rule.FAIR, Rule.ASSETS} else 0
            for key in keys
        ],
        [of.work.get(key, 0) if rule in {Rule.FAIR, Rule.WORK} else 0 for key in keys],
    ]
    totals = [sum(column) or 1.0 for column in columns]
    parts = [
        [value / all_of for value in column] for column, all_of in zip(columns, totals, strict=True)
    ]
    return dict(zip(keys, zip(*parts, strict=True), strict=True))


def _units(
    clients: Sequence[Client],
    weights: Mapping[int, tuple[float, ...]],
    households: Mapping[int, int],
) -> list[_Unit]:
    grouped: dict[object, list[Client]] = defaultdict(list)
    for client in clients:
        home = households.get(client.pk)
        grouped[("home", home) if home else ("alone", client.pk)].append(client)
    units = []
    for members in grouped.values():
        weight: tuple[float, ...] = (0.0, 0.0, 0.0)
        for client in members:
            weight = tuple(map(add, weight, weights[client.pk]))
        units.append(_Unit(members, households.get(members[0].pk), weight))
    return units
