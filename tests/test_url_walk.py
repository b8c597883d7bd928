"""A walk over every address as owner, colleague, stranger, compliance and nobody."""

import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse

from staff.models import Employee
from tests.cases import undone
from tests.cast import Browse
from tests.test_url_access import (
    ADDRESSES,
    METHODS,
    WALKED,
    WRONG_METHOD,
    World,
    excepted,
    walk,
    world,
)

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def ask(browser: Browser, method: str, url: str) -> Any:
    # A server error comes as a status here, not as an exception.
    browser.raise_request_exception = False
    return getattr(browser, method)(url)


def url_of(name: str, world: World) -> str:
    address = ADDRESSES[name]
    try:
        return reverse(name, kwargs=address.row(world) if address.row else {})
    except NoReverseMatch:
        pytest.fail(f"{name}: the entry in ADDRESSES does not fit its arguments")


ROOMS = sorted({name.partition(":")[0] for name in WALKED})


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=ROOMS)
def urls(request: pytest.FixtureRequest, world: World) -> dict[str, str]:
    """The addresses of one room, in a world that is made once for all of them."""
    return {name: url_of(name, world) for name in WALKED if name.partition(":")[0] == request.param}


class TestEveryAddress:
    """Each address is a subtest: it finds the world as it was made, and fails by itself."""

    def test_it_is_there_for_the_owner(
        self,
        method: str,
        urls: dict[str, str],
        browse: Browse,
        request: pytest.FixtureRequest,
        subtests: pytest.Subtests,
    ) -> None:
        for name, url in urls.items():
            owner = request.getfixturevalue(ADDRESSES[name].owner)
            with subtests.test(name), undone():
                answer = ask(browse(owner), method, url)
                assert answer.status_code != 404
                assert answer.status_code < 500
                assert answer.status_code != 403, "the owner is refused"
                assert "no-store" in answer["Cache-Control"]

    def test_it_is_not_there_for_outsiders(
        self,
        method: str,
        urls: dict[str, str],
        colleague: Employee,
        stranger: Employee,
        operations: Employee,
        browse: Browse,
        request: pytest.FixtureRequest,
        subtests: pytest.Subtests,
    ) -> None:
        outsiders = {"colleague": colleague, "stranger": stranger, "operations": operations}
        for name, url in urls.items():
            address = ADDRESSES[name]
            control = 0
            if address.row is not None and not outsiders.keys() <= address.near:
                owner = request.getfixturevalue(address.owner)
                with undone():
                    control = ask(browse(owner), method, url).status_code
            for outsider, person in outsiders.items():
                with subtests.test(name, outsider=outsider), undone():
                    answer = ask(browse(person), method, url)
                    if address.row is None:
                        assert answer.status_code < 500
                    elif outsider in address.near:
                        read = {200} if method == "get" else set()
                        assert answer.status_code in {*read, 403, WRONG_METHOD}
                    else:
                        expected = WRONG_METHOD if control == WRONG_METHOD else 404
                        assert answer.status_code == expected

    def test_it_is_read_only_for_compliance(
        self,
        method: str,
        urls: dict[str, str],
        compliance: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for name, url in urls.items():
            address = ADDRESSES[name]
            with subtests.test(name), undone():
                answer = ask(browse(compliance), method, url)
                if address.row is None:
                    assert answer.status_code < 500
                elif not address.readers:
                    assert answer.status_code in {404, WRONG_METHOD}
                elif method == "post":
                    assert answer.status_code in {403, WRONG_METHOD}
                else:
                    # A page of its own, or a form that says 403.
                    assert answer.status_code in {200, 403, WRONG_METHOD}

    def test_it_asks_the_anonymous_to_log_in(
        self, method: str, urls: dict[str, str], subtests: pytest.Subtests
    ) -> None:
        for name, url in urls.items():
            with subtests.test(name), undone():
                answer = ask(Browser(), method, url)
                if ADDRESSES[name].open:
                    assert answer.status_code < 500
                else:
                    assert answer.status_code == 302
                    assert answer["Location"].startswith(reverse("account_login"))

    def test_it_takes_no_harm_from_a_wrong_key(
        self,
        method: str,
        urls: dict[str, str],
        world: World,
        browse: Browse,
        request: pytest.FixtureRequest,
        subtests: pytest.Subtests,
    ) -> None:
        for name, url in urls.items():
            address = ADDRESSES[name]
            if address.row is None:
                continue
            person = request.getfixturevalue(address.owner)
            with subtests.test(name), undone():
                owner = browse(person)
                for key in address.row(world).values():
                    wrong = ["0", "x", "99999999999999999999999", "%00", "..", str(uuid.uuid4())]
                    for other in wrong:
                        answer = ask(owner, method, url.replace(f"/{key}/", f"/{other}/"))
                        assert answer.status_code in {404, WRONG_METHOD}, other


def test_an_address_without_login_is_listed() -> None:
    """Whoever opens an address to the world writes it down here."""
    opened = {
        name
        for name, pattern in walk()
        if not excepted(name) and not getattr(pattern.callback, "login_required", True)
    }
    assert opened == {name for name, address in ADDRESSES.items() if address.open}


def test_the_walk_finds_the_administration_and_the_login() -> None:
    names = [name for name, _ in walk()]
    assert "admin:clients_client_changelist" in names
    assert "account_login" in names
