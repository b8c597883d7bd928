"""Reads of relations: the household with its tree, referrals, contact persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField, F, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest

from clients.models import Client, ContactPerson, Membership, addressed
from clients.relations.services import contacts_of
from crm.addresses import address
from crm.money import yuan
from staff.http import employee_of
from staff.models import Employee

SHOWN = 12
BOX, GAP, HEIGHT = 112, 16, 40


@dataclass(frozen=True)
class Related:
    """One line of the panel."""

    kind: str
    name: str
    note: str
    url: str
    assets: str = ""


def panel(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Household, referrals and contact persons of a client, with assets; two queries."""
    viewer = employee_of(request)
    roles = {**dict(ContactPerson.Role.choices), **dict(Membership.Relation.choices)}
    related = []
    for kind, name, title, role, key, assets in _rows(viewer, client):
        url = address("clients:detail", key) if key else ""
        note = str(roles.get(role, role))
        related.append(Related(kind, addressed(name, title), note, url, yuan(assets)))
    order = ("household", "referrer", "referred", "contact")
    related.sort(key=lambda row: order.index(row.kind))
    return {"rows": related[:SHOWN], "url": client.get_absolute_url()}


def _rows(viewer: Employee, client: Client) -> Any:
    visible = Client.objects.visible_to(viewer).order_by()

    def line(rows: Any, kind: str, role: Any) -> Any:
        return rows.annotate(
            row_kind=Value(kind), row_role=role, row_key=Cast("public_id", TextField())
        ).values_list("row_kind", "name", "title", "row_role", "row_key", "derived__assets")

    household = client.memberships.filter(valid_to=None).values("household")
    family = visible.filter(memberships__household__in=household, memberships__valid_to=None)
    contacts = contacts_of(client).order_by()
    none = Value("")
    spoken = contacts.annotate(
        row_kind=Value("contact"),
        row_title=none,
        row_key=none,
        row_assets=Value(None, DecimalField()),
    )
    return line(family.exclude(pk=client.pk), "household", F("memberships__relation")).union(
        line(visible.filter(referred=client), "referrer", none),
        line(visible.filter(referred_by=client), "referred", none),
        spoken.values_list("row_kind", "name", "row_title", "role", "row_key", "row_assets"),
        all=True,
    )


@dataclass(frozen=True)
class Node:
    """A person in the picture of a household; coordinates in pixels of the drawing."""

    x: int
    y: int
    name: str
    relation: str
    url: str
    here: bool

    @property
    def middle(self) -> int:
        return self.x + BOX // 2

    @property
    def name_y(self) -> int:
        return self.y + 17

    @property
    def relation_y(self) -> int:
        return self.y + 32


@dataclass(frozen=True)
class Tree:
    """The picture: the head above, everybody else in a line below."""

    nodes: list[Node]
    lines: list[str]
    width: int
    height: int
    hidden: int


def tree(viewer: Employee, client: Client) -> Tree | None:
    """The household of a client, its visible members only; ``None`` if there is none."""
    own = client.memberships.filter(valid_to=None).first()
    if own is None:
        return None
    members = Membership.objects.filter(household=own.household_id, valid_to=None)
    count = members.count()
    rows = members.visible_to(viewer).select_related("client").order_by("id")
    shown: list[Any] = list(rows[:SHOWN])
    heads = [row for row in shown if row.relation == Membership.Relation.HEAD]
    rest = [row for row in shown if row.relation != Membership.Relation.HEAD]
    width = max(len(rest), 1) * (BOX + GAP) - GAP + 4
    nodes = [_node(row, (width - BOX) // 2, 2, client) for row in heads]
    second = 2 + HEIGHT + 32 if heads else 2
    nodes += [_node(row, 2 + place * (BOX + GAP), second, client) for place, row in enumerate(rest)]
    lines = []
    if heads:
        top = nodes[0]
        half = second - 16
        lines = [
            f"M{top.middle} {top.y + HEIGHT}V{half}H{node.middle}V{second}" for node in nodes[1:]
        ]
    return Tree(nodes, lines, width, second + HEIGHT + 2, count - len(shown))


def _node(row: Any, x: int, y: int, client: Client) -> Node:
    here = row.client_id == client.pk
    name = row.client.name
    return Node(
        x=x,
        y=y,
        name=name if len(name) <= 8 else f"{name[:7]}…",
        relation=str(row.get_relation_display()),
        url="" if here else row.client.get_absolute_url(),
        here=here,
    )
