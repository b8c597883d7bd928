"""The frame: the places of each role, and what it costs."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from crm import navigation
from crm.navigation import Entry
from staff.context_processors import Shell
from staff.models import Role
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db


def frame(role: str, path: str = "/me/", **fields: object) -> Shell:
    request = RequestFactory().get(path)
    request.user = EmployeeFactory.create(role=role, **fields)
    request.resolver_match = resolve(path)
    return Shell(request)


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.MANAGER, "visits:today"),
        (Role.BROKER, "visits:today"),
        (Role.BRANCH_HEAD, "dashboards:board"),
        (Role.REGIONAL_HEAD, "dashboards:board"),
        (Role.COMPLIANCE, "clients:list"),
        (Role.OPERATIONS, "staff:notifications"),
    ],
)
def test_each_role_begins_with_its_own_work(role: str, first: str) -> None:
    shell = frame(role)
    assert shell.places[0].url == reverse(first)
    assert 2 <= len(shell.tabs) <= 5
    assert shell.tabs[-1].url == reverse("staff:me")


def test_operations_get_no_way_to_clients() -> None:
    shell = frame(Role.OPERATIONS)
    urls = {place.url for place in (*shell.places, *shell.tabs)}
    assert not any(url.startswith(reverse("clients:list")) for url in urls)
    assert shell.search_url == ""


def test_only_staff_of_the_administration_get_its_link() -> None:
    admin = reverse("admin:index")
    assert admin not in {place.url for place in frame(Role.BRANCH_HEAD).places}
    assert admin in {place.url for place in frame(Role.BRANCH_HEAD, is_staff=True).places}


def test_the_place_one_is_at_is_marked_once() -> None:
    shell = frame(Role.MANAGER, path=reverse("clients:list"))
    assert [place.url for place in shell.places if place.active] == [reverse("clients:list")]
    assert [place.url for place in shell.tabs if place.active] == [reverse("clients:list")]


def test_it_offers_return_visits_to_whoever_is_named_for_them() -> None:
    visits = reverse("compliance:visits")
    for role in (Role.MANAGER, Role.OPERATIONS):
        assert visits not in {place.url for place in frame(role).places}
        named = frame(role, makes_return_visits=True, is_staff=True)
        assert [place.url for place in named.places][-2:] == [visits, reverse("admin:index")]
        assert visits in {place.url for place in named.more_places}
    urls = [place.url for place in frame(Role.BRANCH_HEAD, makes_return_visits=True).places]
    assert urls.count(visits) == 1


def test_it_draws_a_place_that_a_room_declares_for_the_audience_only() -> None:
    entry = Entry(route="staff:absences", label="Holidays", icon="bell", side={"heads": 15})
    navigation.register(entry)
    try:
        assert frame(Role.BRANCH_HEAD).places[1].label == "Holidays"
        assert "Holidays" not in {place.label for place in frame(Role.MANAGER).places}
    finally:
        navigation.registry.unregister(entry.key)
        navigation.bar.cache_clear()


def test_every_place_is_reachable_on_a_phone() -> None:
    for role in (Role.MANAGER, Role.BRANCH_HEAD, Role.COMPLIANCE, Role.OPERATIONS):
        shell = frame(role)
        reachable = {place.url for place in (*shell.tabs, *shell.more_places)}
        assert {place.url for place in shell.places} <= reachable


def test_the_frame_costs_one_query() -> None:
    employee = EmployeeFactory.create()
    request = RequestFactory().get("/me/")
    request.user = employee
    request.resolver_match = resolve("/me/")
    with CaptureQueriesContext(connection) as captured:
        render_to_string("base.html", request=request)
    assert len(captured) == 1


def test_error_pages_stand_without_a_login() -> None:
    answer = Browser(raise_request_exception=False).get("/no-such-page/", follow=True)
    assert "crm-entrance" in answer.content.decode()
