"""Own settings, the inbox, language and theme."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from staff.models import Employee, Notification
from tests.cast import Browse
from tests.factories import EmployeeFactory, NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def employee() -> Employee:
    person = EmployeeFactory.create()
    assert isinstance(person, Employee)
    return person


@pytest.fixture
def browser(employee: Employee) -> Browser:
    own = Browser()
    own.force_login(employee)
    return own


def notify(employee: Employee, url: str = "/me/", read: bool = False) -> Notification:
    made = NotificationFactory.create(
        employee=employee, url=url, read_at=timezone.now() if read else None
    )
    assert isinstance(made, Notification)
    return made


def test_me_keeps_language_and_theme(browser: Browser, employee: Employee) -> None:
    answer = browser.post("/me/", {"language": "en", "theme": "dark"})
    assert answer["Location"] == "/me/"
    employee.refresh_from_db()
    assert (employee.language, employee.theme) == ("en", "dark")
    page = browser.get("/me/").content.decode()
    assert 'data-bs-theme="dark"' in page
    assert '<html lang="en"' in page


@pytest.mark.parametrize("data", [{"language": "tlh"}, {"theme": "pink"}])
def test_me_refuses_what_is_not_a_choice(
    browser: Browser, employee: Employee, data: dict[str, str]
) -> None:
    assert browser.post("/me/", data).status_code == 422
    employee.refresh_from_db()
    assert employee.theme != "pink"
    assert employee.language != "tlh"


def test_me_is_for_those_who_are_logged_in() -> None:
    assert Browser().get("/me/").status_code == 302


def test_the_inbox_shows_own_notifications_only(browser: Browser, employee: Employee) -> None:
    own = notify(employee)
    other = notify(EmployeeFactory.create())
    page = browser.get("/notifications/").content.decode()
    assert f'action="/notifications/{own.pk}/"' in page
    assert f'action="/notifications/{other.pk}/"' not in page


def test_the_inbox_says_why_it_is_empty(browser: Browser) -> None:
    assert 'class="empty"' in browser.get("/notifications/").content.decode()


def test_the_inbox_pages_through_many(browser: Browser, employee: Employee) -> None:
    made = [notify(employee) for _ in range(30)]
    Notification.objects.filter(pk=made[0].pk).update(created_at=timezone.now() - timedelta(days=1))
    first = browser.get("/notifications/")
    assert len(first.context["page"].items) == 25
    second = browser.get("/notifications/" + first.context["page"].next_query)
    assert len(second.context["page"].items) == 5
    assert second.context["page"].items[-1].pk == made[0].pk


def test_opening_marks_read_and_goes_there(browser: Browser, employee: Employee) -> None:
    notification = notify(employee, url="/me/?a=1")
    answer = browser.post(f"/notifications/{notification.pk}/")
    assert answer["Location"] == "/me/?a=1"
    notification.refresh_from_db()
    assert notification.read_at is not None


def test_opening_never_leaves_the_site(browser: Browser, employee: Employee) -> None:
    notification = notify(employee, url="https://evil.example/")
    assert browser.post(f"/notifications/{notification.pk}/")["Location"] == "/notifications/"


def test_opening_a_colleagues_notification_is_not_found(browser: Browser) -> None:
    other = notify(EmployeeFactory.create())
    assert browser.post(f"/notifications/{other.pk}/").status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_marking_all_read_leaves_colleagues_alone(browser: Browser, employee: Employee) -> None:
    own, other = notify(employee), notify(EmployeeFactory.create())
    browser.post("/notifications/read/")
    own.refresh_from_db()
    other.refresh_from_db()
    assert own.read_at is not None
    assert other.read_at is None


def test_the_bell_counts_unread_ones(browser: Browser, employee: Employee) -> None:
    assert browser.get("/notifications/unread/").json()["text"] == ""
    notify(employee)
    notify(employee, read=True)
    notify(EmployeeFactory.create())
    assert browser.get("/notifications/unread/").json()["text"] == "1"
    assert '<span class="crm-count">1</span>' in browser.get("/me/").content.decode()


def test_the_bell_stops_counting_at_a_hundred(browser: Browser, employee: Employee) -> None:
    for _ in range(101):
        notify(employee)
    assert browser.get("/notifications/unread/").json()["text"] == "99+"


def test_the_language_switch_keeps_the_page(browser: Browser, employee: Employee) -> None:
    answer = browser.post("/me/language/", {"language": "en", "next": "/notifications/?a=1"})
    assert answer["Location"] == "/notifications/?a=1"
    employee.refresh_from_db()
    assert employee.language == "en"


def test_the_language_switch_works_before_login() -> None:
    browser = Browser()
    browser.post("/me/language/", {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en"' in browser.get("/accounts/login/").content.decode()
    browser.post("/me/language/", {"language": "zh-hans"})
    assert '<html lang="zh-Hans"' in browser.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_switches_never_leave_the_site(browser: Browser, url: str) -> None:
    for path, data in (("language", {"language": "en"}), ("theme", {"theme": "dark"})):
        answer = browser.post(f"/me/{path}/", {**data, "next": url})
        assert answer["Location"] == "/"


def test_the_theme_switch_is_kept(browser: Browser, employee: Employee) -> None:
    browser.post("/me/theme/", {"theme": "dark"})
    employee.refresh_from_db()
    assert employee.theme == "dark"


@pytest.mark.parametrize(("path", "name"), [("/me/language/", "language"), ("/me/theme/", "theme")])
def test_the_switches_refuse_other_values(browser: Browser, path: str, name: str) -> None:
    for data in ({}, {name: "x"}, {name: ""}):
        assert browser.post(path, data).status_code == 400


@pytest.mark.parametrize(
    "path", ["/me/language/", "/me/theme/", "/notifications/read/", "/notifications/1/"]
)
def test_a_get_changes_nothing(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 405


def test_the_bell_answers_nothing_where_nothing_changed(manager: Employee, browse: Browse) -> None:
    line = NotificationFactory(employee=manager)
    browser = browse(manager)
    first = browser.get("/notifications/unread/")
    assert first.json()["newest"]["id"] == line.pk
    again = browser.get("/notifications/unread/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    newer = NotificationFactory(employee=manager)
    changed = browser.get("/notifications/unread/", headers={"If-None-Match": first["ETag"]})
    assert changed.json()["newest"]["id"] == newer.pk
