"""Every address of compliance: for officers and heads, and for nobody who serves the client."""

import uuid
from itertools import product
from typing import Any

import pytest
from django.urls import get_resolver, reverse

from clients.models import Client
from compliance.models import ExceptionCase, ReturnVisit, ReturnVisitor, YearEnd
from staff.models import Employee
from tests.cases import undone
from tests.cast import Browse
from tests.compliance.conftest import made

pytestmark = pytest.mark.django_db
LISTS = {"visits", "cases", "coverage", "visitors"}
POSTED = {"dial", "review", "assign", "close", "note", "close_case", "end_visitor"}
OFFICERS_ONLY = {"visitors", "end_visitor", "plan", "assign", "close"}


@pytest.fixture
def world(planned: ReturnVisit, zhang: Client, mei: Employee) -> dict[str, str]:
    """The address of each name; the visit was made and opened a case."""
    made(planned, mei, "他人操作")
    case = ExceptionCase.objects.get()
    YearEnd.objects.create(year=2025)
    visit: dict[str, Any] = {"public_id": planned.callback.public_id}
    rows: dict[str, dict[str, Any]] = {
        **dict.fromkeys(("visit", "dial", "review", "assign", "close"), visit),
        **{key: {"public_id": case.public_id} for key in ("case", "note", "close_case")},
        "plan": {"public_id": zhang.public_id},
        **{key: {"year": 2026} for key in ("year_end", "new_accounts")},
        "end_visitor": {"pk": ReturnVisitor.objects.get().pk},
    }
    assert set(rows) | LISTS == set(NAMES), "a new address: say here who gets what"
    return {name: reverse(f"compliance:{name}", kwargs=rows.get(name)) for name in NAMES}


NAMES = sorted(
    name for name in get_resolver("compliance.urls").reverse_dict if isinstance(name, str)
)


def test_the_officer_gets_there(
    world: dict[str, str], compliance: Employee, browse: Browse, subtests: pytest.Subtests
) -> None:
    for name in NAMES:
        with subtests.test(name), undone():
            status = browse(compliance).get(world[name]).status_code
            assert status == (405 if name in POSTED else 200)


def test_the_head_reads(
    world: dict[str, str], head: Employee, browse: Browse, subtests: pytest.Subtests
) -> None:
    for name in NAMES:
        with subtests.test(name), undone():
            status = browse(head).get(world[name]).status_code
            assert status == (405 if name in POSTED else 403 if name in OFFICERS_ONLY else 200)
            if name in OFFICERS_ONLY:
                assert browse(head).post(world[name], {"words": "x"}).status_code == 403


@pytest.mark.parametrize("person", ["manager", "colleague", "stranger", "operations"])
def test_nobody_else_does(
    person: str,
    world: dict[str, str],
    browse: Browse,
    request: pytest.FixtureRequest,
    subtests: pytest.Subtests,
) -> None:
    outsider = request.getfixturevalue(person)
    for name, method in product(NAMES, ("get", "post")):
        with subtests.test(name, method=method), undone():
            ask = getattr(browse(outsider), method)
            status = ask(world[name], {"token": str(uuid.uuid4())}).status_code
            wrong = (method == "get" and name in POSTED) or (
                method == "post" and name not in POSTED
            )
            assert status in ({403, 404, 405} if wrong else {403, 404})
            # What speaks of a row is not there at all; that there are such pages is no secret.
            if status == 403:
                assert name in LISTS | {"year_end", "new_accounts", "plan", "end_visitor"}


def test_nobody_without_a_login(
    world: dict[str, str], client: Any, subtests: pytest.Subtests
) -> None:
    for name in NAMES:
        with subtests.test(name), undone():
            for method in (client.get, client.post):
                answer = method(world[name])
                assert answer.status_code in {302, 403, 405}
                if answer.status_code == 302:
                    assert answer["Location"].startswith("/accounts/login/")
