"""The frame: the places of each role, and what it costs."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from clients.models import Client
from crm import navigation
from crm.models import SavedView
from crm.navigation import Entry
from crm.trading_days import today
from staff.context_processors import Shell
from staff.models import Branch, Employee, Role
from staff.navigation import audience_of
from tests.cast import Browse
from tests.factories import CallbackFactory, EmployeeFactory

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
    entry = Entry(route="visits:addresses", label="Holidays", icon="bell", side={"heads": 15})
    navigation.register(entry)
    try:
        assert frame(Role.BRANCH_HEAD).places[1].label == "Holidays"
        assert "Holidays" not in {place.label for place in frame(Role.MANAGER).places}
    finally:
        navigation.registry.unregister(entry.key)
        navigation.bar.cache_clear()


def test_what_is_due_stands_beside_today_as_today_counts_it(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    day = today()
    CallbackFactory(client=zhang, employee=manager, due_on=day)
    CallbackFactory(client=zhou, employee=manager, due_on=day + timedelta(days=1))
    CallbackFactory(client=zhou, employee=None, occurrence="other", due_on=day)

    def shown() -> tuple[int, bool]:
        browser = browse(manager)
        work = browser.get("/today/").context["work"]
        count = browser.get("/me/").context["shell"].places[0].count
        assert count.number == work.overdue + work.due
        return count.number, count.late

    assert shown() == (1, False)
    CallbackFactory(client=zhou, employee=manager, occurrence="late", due_on=day - timedelta(9))
    assert shown() == (2, True)


@pytest.mark.parametrize("role", Role.values)
def test_no_place_refuses_whom_it_is_offered_to(role: str, branch: Branch, browse: Browse) -> None:
    person = EmployeeFactory.create(role=role, branch=branch)
    browser = browse(person)
    places = navigation.bar(
        "search", audience_of(person), navigation.given_to(person), settings.LANGUAGE_CODE
    )
    urls = [place.url for place in places]
    assert {place.url for place in browser.get("/me/").context["shell"].places} <= set(urls)
    refused = [url for url in urls if browser.get(url).status_code != 200]
    assert refused == []


def test_the_search_finds_places_in_either_language(
    head: Employee, zhang: Client, browse: Browse
) -> None:
    browser = browse(head)

    def hits(text: str) -> str:
        return browser.get("/clients/search/", {"q": text}).content.decode()

    for text in ("日历", "calen", " CALENDAR"):
        assert reverse("visits:calendar") in hits(text)
    assert reverse("clients:create") in hits("新建")
    assert zhang.get_absolute_url() in hits("张")
    assert reverse("visits:calendar") not in hits("张")
    assert "<a" not in hits("x" * 500)


def test_sections_are_named_and_the_daily_ones_unfolded() -> None:
    shell = frame(Role.BRANCH_HEAD)
    titles = [section.title for section in shell.sections]
    assert titles == ["", "营销与服务", "团队", "合规", "规则", "数据"]
    assert [section.is_open for section in shell.sections] == [True] * 4 + [False] * 2
    there = frame(Role.BRANCH_HEAD, path=reverse("clients:segments"))
    assert [section.title for section in there.sections if section.is_open][-1] == "规则"


def test_saved_views_stand_at_the_side_and_are_found(
    manager: Employee, colleague: Employee, browse: Browse
) -> None:
    for owner, name in ((manager, "久未联系"), (manager, "a<b"), (colleague, "别人的")):
        query = "lifecycle=client&quiet=60"
        SavedView.objects.create(owner=owner, page="clients", name=name, query=query)
    browser = browse(manager)
    shell = browser.get("/clients/").context["shell"]
    mine = next(section for section in shell.sections if section.title == "我的视图")
    assert [place.label for place in mine.places] == ["a<b", "久未联系"]
    assert mine.is_open
    page = browser.get("/me/").content.decode()
    assert page.count("/clients/?lifecycle=client&amp;quiet=60") == 4
    assert "a<b" not in page
    assert "久未联系" in browser.get("/clients/search/", {"q": "未联"}).content.decode()
    assert "别人的" not in browser.get("/clients/search/", {"q": "别人"}).content.decode()
    assert browser.get(mine.places[0].url).status_code == 200


def test_nobody_without_saved_views_gets_a_title_for_them() -> None:
    assert "我的视图" not in [section.title for section in frame(Role.MANAGER).sections]


def test_saved_views_are_capped_and_cost_one_query(manager: Employee, browse: Browse) -> None:
    counts = []
    for more in (1, 30):
        SavedView.objects.bulk_create(
            SavedView(owner=manager, page="clients", name=f"{more} {n}", query="")
            for n in range(more)
        )
        request = RequestFactory().get("/me/")
        request.user = manager
        request.resolver_match = resolve("/me/")
        with CaptureQueriesContext(connection) as captured:
            sections = Shell(request).sections
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert max(len(s.places) for s in sections if s.key == navigation.OWN) == navigation.OWN_SHOWN


def test_a_query_of_500_characters_gets_a_sentence(manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    for text in ("x" * 500, "张" * 500, "%_\\'\"" * 100):
        answer = browser.get("/clients/search/", {"q": text})
        assert answer.status_code == 200
        assert "<p>" in answer.content.decode()
        assert browser.get("/clients/", {"q": text}).status_code in {200, 400}


def test_every_place_is_reachable_on_a_phone() -> None:
    for role in (Role.MANAGER, Role.BRANCH_HEAD, Role.COMPLIANCE, Role.OPERATIONS):
        shell = frame(role)
        reachable = {place.url for place in (*shell.tabs, *shell.more_places)}
        assert {place.url for place in shell.places} <= reachable


def test_the_frame_costs_three_queries() -> None:
    """What is unread, what is due, and what the person saved."""
    employee = EmployeeFactory.create()
    request = RequestFactory().get("/me/")
    request.user = employee
    request.resolver_match = resolve("/me/")
    with CaptureQueriesContext(connection) as captured:
        render_to_string("base.html", request=request)
    assert len(captured) == 3


def test_error_pages_stand_without_a_login() -> None:
    answer = Browser(raise_request_exception=False).get("/no-such-page/", follow=True)
    assert "crm-entrance" in answer.content.decode()
