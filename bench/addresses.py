"""Every address of the product with the rows of a firm, for each role: what the walk opens."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.urls import URLPattern, get_resolver, reverse

from bench.rows import QUERIES, Arguments, Rows, rows_of
from demo.firm import DEMO_PASSWORD
from staff.models import Employee

READERS = {
    "manager": "manager1",
    "broker": "broker",
    "branch head": "branchhead",
    "regional head": "regionalhead",
    "compliance": "compliance",
    "operations": "operations",
    "administrator": "admin",
}
# Not walked, each for a reason.
EXCEPTIONS = {
    "visits:feed_file": "holds its own secret, of which the database has a hash",
    "pipeline:public_form": "holds its own secret, of which the database has a hash",
    "account_reset_password_from_key": "holds its own secret, sent by mail",
    "admin:view_on_site": "leads to a page that is walked itself",
}
URLCONF = "crm.urls"


@dataclass(frozen=True)
class Address:
    """A named pattern of the URLconf with its whole route."""

    name: str
    route: str
    converters: dict[str, Any]

    @property
    def has_arguments(self) -> bool:
        return "<" in self.route

    @property
    def is_administration(self) -> bool:
        return self.route.startswith("admin/")

    def url(self, arguments: Arguments) -> str:
        return reverse(self.name, urlconf=URLCONF, kwargs=arguments)

    @property
    def url_of_nothing(self) -> str:
        """With arguments of the right kind that name no row."""
        nothing = {"UUIDConverter": uuid.UUID(int=0), "IntConverter": 0}
        kinds = {name: type(of).__name__ for name, of in self.converters.items()}
        return self.url({name: nothing.get(kind, "x") for name, kind in kinds.items()})


def addresses() -> list[Address]:
    """All that are walked; those without a name lead to others in the administration."""
    found = [a for a in _under(get_resolver(URLCONF), "", "") if a.name not in EXCEPTIONS]
    return sorted(found, key=lambda address: address.name)


def _under(resolver: Any, space: str, route: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        whole = f"{route}{entry.pattern}"
        if not isinstance(entry, URLPattern):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _under(entry, inner, whole)
        elif entry.name:
            yield Address(f"{space}{entry.name}", whole, entry.pattern.converters)
        elif not whole.startswith("admin/"):
            raise RuntimeError(f"The address {whole} has no name.")


def pages_of(reader: Employee) -> dict[str, str]:
    """Title and address of all that this employee may have something at."""
    found = {}
    known: dict[Rows, list[Arguments]] = {}  # many addresses speak of the same row
    for address in addresses():
        if address.is_administration and not reader.is_staff:
            continue
        rows = rows_of(address.route) if address.has_arguments else _no_row
        if rows is None:
            continue
        if rows not in known:
            known[rows] = rows(reader)
        question = _question(address, reader)
        for arguments in known[rows]:
            # Where an address has several rows, what tells them apart stands in the title.
            words = [v for v in arguments.values() if isinstance(v, str)]
            found[" ".join([address.name, *words])] = address.url(arguments) + question
    return found


def _no_row(_reader: Employee) -> list[Arguments]:
    """Of an address that speaks of no row."""
    return [{}]


def _question(address: Address, reader: Employee) -> str:
    """The query of a page that shows nothing without one."""
    asked = QUERIES[address.route](reader)[:1] if address.route in QUERIES else []
    return f"?{urlencode(asked[0])}" if asked else ""


def facts() -> dict[str, Any]:
    """Who opens what; ``unopened`` are addresses of which nobody has a row, ``unknown`` among them."""
    people = {title: Employee.objects.get(username=name) for title, name in READERS.items()}
    readers = {
        title: {"name": person.username, "pages": pages_of(person)}
        for title, person in people.items()
    }
    opened = {page.split(" ")[0] for known in readers.values() for page in known["pages"]}
    left = [address for address in addresses() if address.name not in opened]
    return {
        "readers": readers,
        "password": DEMO_PASSWORD,
        "manager": people["manager"].pk,
        "unopened": {address.name: address.url_of_nothing for address in left},
        "unknown": [address.name for address in left if rows_of(address.route) is None],
    }


if __name__ == "__main__":
    print(json.dumps(facts(), ensure_ascii=False))
