"""A session ends by itself; a page that asks by itself does not keep it alive."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db

PAGE = "/me/"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        yield clock


def test_it_logs_out_whoever_did_nothing(clock: Any, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    clock.shift(timedelta(minutes=30))
    assert browser.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=31))
    answer = browser.get(PAGE, follow=True)
    assert answer.redirect_chain == [(f"/accounts/login/?next={PAGE}", 302)]
    assert "30 分钟未操作" in answer.content.decode()
    assert "_auth_user_id" not in browser.session


def test_it_keeps_whoever_does_something(clock: Any, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    for _each in range(4):
        clock.shift(timedelta(minutes=20))
        assert browser.get(PAGE).status_code == 200


def test_the_bell_alone_keeps_nobody(clock: Any, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    clock.shift(timedelta(minutes=20))
    alone = browser.get("/notifications/unread/", headers={"X-Background": "1"})
    assert alone.status_code == 200
    clock.shift(timedelta(minutes=20))
    assert browser.get(PAGE).status_code == 302


def test_the_bell_of_who_must_choose_a_password_does_not_say_that_the_session_ended(
    manager: Employee, browse: Browse
) -> None:
    # bell.js takes a redirect for the end, and then no form of the page can be sent.
    Employee.objects.filter(pk=manager.pk).update(must_change_password=True)
    assert browse(manager).get("/notifications/unread/").status_code == 200


def test_the_bell_tells_that_somebody_types(clock: Any, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    clock.shift(timedelta(minutes=20))
    browser.get("/notifications/unread/")
    clock.shift(timedelta(minutes=20))
    assert browser.get(PAGE).status_code == 200


def test_it_ends_after_so_many_hours_whatever_one_does(
    clock: Any, manager: Employee, browse: Browse, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = 3600
    browser = browse(manager)
    for _each in range(3):
        clock.shift(timedelta(minutes=20))
        assert browser.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert browser.get(PAGE).status_code == 302


def test_it_may_be_switched_off(
    clock: Any, manager: Employee, browse: Browse, settings: Any
) -> None:
    settings.SESSION_IDLE_AGE = 0
    browser = browse(manager)
    clock.shift(timedelta(hours=11))
    assert browser.get(PAGE).status_code == 200


def test_the_clock_starts_at_the_login_of_this_session(clock: Any, manager: Employee) -> None:
    manager.set_password("another-Long-phrase-41")
    manager.save()
    browser = Browser()
    form = {"login": manager.username, "password": "another-Long-phrase-41"}
    assert browser.post("/accounts/login/", form).status_code == 302
    clock.shift(timedelta(minutes=20))
    Browser().force_login(manager)  # on another device
    clock.shift(timedelta(minutes=20))
    assert browser.get(PAGE).status_code == 302


def test_it_writes_the_session_at_most_once_a_minute(
    clock: Any, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.get(PAGE)
    clock.shift(timedelta(seconds=59))
    before = browser.session.get("seen")
    browser.get(PAGE)
    assert browser.session.get("seen") == before
    clock.shift(timedelta(seconds=1))
    browser.get(PAGE)
    assert browser.session.get("seen") != before
