"""A walk over every address as owner, colleague, stranger, compliance and nobody."""

import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse

from staff.models import Employee
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

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", WALKED)
class TestEveryAddress:
    def test_it_is_there_for_the_owner(
        self, name: str, method: str, world: World, browse: Browse, request: pytest.FixtureRequest
    ) -> None:
        owner = request.getfixturevalue(ADDRESSES[name].owner)
        answer = ask(browse(owner), method, url_of(name, world))
        assert answer.status_code != 404
        assert answer.status_code < 500
        assert answer.status_code != 403, "the owner is refused"
        assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize("outsider", ["colleague", "stranger", "operations"])
    def test_it_is_not_there_for_outsiders(
        self,
        name: str,
        method: str,
        outsider: str,
        world: World,
        browse: Browse,
        request: pytest.FixtureRequest,
    ) -> None:
        person = request.getfixturevalue(outsider)
        answer = ask(browse(person), method, url_of(name, world))
        if ADDRESSES[name].row is None:
            assert answer.status_code < 500
            return
        if outsider in ADDRESSES[name].near:
            read = {200} if method == "get" else set()
            assert answer.status_code in {*read, 403, WRONG_METHOD}
            return
        owner = request.getfixturevalue(ADDRESSES[name].owner)
        control = ask(browse(owner), method, url_of(name, world)).status_code
        assert answer.status_code == (WRONG_METHOD if control == WRONG_METHOD else 404)

    def test_it_is_read_only_for_compliance(
        self, name: str, method: str, world: World, compliance: Employee, browse: Browse
    ) -> None:
        address = ADDRESSES[name]
        answer = ask(browse(compliance), method, url_of(name, world))
        if address.row is None:
            assert answer.status_code < 500
        elif not address.readers:
            assert answer.status_code in {404, WRONG_METHOD}
        elif method == "post":
            assert answer.status_code in {403, WRONG_METHOD}
        else:
            # A page of its own, or a form that says 403.
            assert answer.status_code in {200, 403, WRONG_METHOD}

    def test_it_asks_the_anonymous_to_log_in(self, name: str, method: str, world: World) -> None:
        answer = ask(Browser(), method, url_of(name, world))
        if ADDRESSES[name].open:
            assert answer.status_code < 500
            return
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))

    def test_it_takes_no_harm_from_a_wrong_key(
        self, name: str, method: str, world: World, browse: Browse, request: pytest.FixtureRequest
    ) -> None:
        address = ADDRESSES[name]
        if address.row is None:
            return
        owner = browse(request.getfixturevalue(address.owner))
        url = url_of(name, world)
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
