"""Logging in and out and the way to a new password, in the product's look."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser

from staff.models import Employee
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db

PASSWORD = "对手盘-2026-long-enough"
NEW_PASSWORD = "another-Long-phrase-41"


@pytest.fixture
def employee() -> Employee:
    cache.clear()  # the limits on failed logins live there
    person = EmployeeFactory.create(username="liming", email="liming@example.com")
    assert isinstance(person, Employee)
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(browser: Browser, password: str) -> int:
    answer = browser.post("/accounts/login/", {"login": "liming", "password": password})
    return answer.status_code


def test_it_logs_in(employee: Employee) -> None:
    browser = Browser()
    assert log_in(browser, PASSWORD) == 302
    assert browser.session["_auth_user_id"] == str(employee.pk)


def test_it_refuses_a_wrong_password_without_saying_which_part_was_wrong(
    employee: Employee,
) -> None:
    browser = Browser()
    wrong = browser.post("/accounts/login/", {"login": "liming", "password": "wrong"})
    unknown = browser.post("/accounts/login/", {"login": "nobody", "password": "wrong"})
    assert "_auth_user_id" not in browser.session
    sentences = [re.findall(r"<li>(.*?)</li>", page.content.decode()) for page in (wrong, unknown)]
    assert sentences[0] == sentences[1] != []


def test_it_slows_down_guessing(employee: Employee) -> None:
    browser = Browser()
    for _ in range(6):
        log_in(browser, "wrong")
    log_in(browser, PASSWORD)
    assert "_auth_user_id" not in browser.session


def test_it_says_when_an_address_asks_too_often(employee: Employee, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    browser = Browser(headers={"accept-language": "zh-hans"})
    answers = [
        browser.post("/accounts/login/", {"login": "liming", "password": "wrong"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    page = answers[1].content.decode()
    assert "crm-entrance" in page
    assert "请稍候" in page


def test_it_refuses_an_employee_who_left(employee: Employee) -> None:
    Employee.objects.filter(pk=employee.pk).update(is_active=False)
    browser = Browser()
    log_in(browser, PASSWORD)
    assert "_auth_user_id" not in browser.session


def test_it_comes_back_to_the_page_that_was_asked_for(employee: Employee) -> None:
    browser = Browser()
    asked = browser.get("/me/")
    assert asked.status_code == 302
    assert "next=/me/" in asked["Location"]
    answer = browser.post(
        asked["Location"], {"login": "liming", "password": PASSWORD, "next": "/me/"}
    )
    assert answer["Location"] == "/me/"


def test_it_does_not_go_to_another_site_after_login(employee: Employee) -> None:
    answer = Browser().post(
        "/accounts/login/",
        {"login": "liming", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert "evil" not in answer["Location"]


def test_it_logs_out_by_post_only(employee: Employee) -> None:
    browser = Browser()
    browser.force_login(employee)
    assert browser.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in browser.session
    browser.post("/accounts/logout/")
    assert "_auth_user_id" not in browser.session


def test_it_changes_the_password(employee: Employee) -> None:
    browser = Browser()
    browser.force_login(employee)
    browser.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    employee.refresh_from_db()
    assert employee.check_password(NEW_PASSWORD)


def test_it_does_not_change_the_password_without_the_old_one(employee: Employee) -> None:
    browser = Browser()
    browser.force_login(employee)
    answer = browser.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    employee.refresh_from_db()
    assert employee.check_password(PASSWORD)
    assert "crm-errors" in answer.content.decode()


def test_it_resets_the_password_by_the_link_in_the_mail(employee: Employee) -> None:
    Employee.objects.filter(pk=employee.pk).update(must_change_password=True)
    browser = Browser()
    browser.post("/accounts/password/reset/", {"email": "liming@example.com"})
    link = re.search(
        r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body)
    )
    assert link
    form = browser.get(link[1], follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    employee.refresh_from_db()
    assert employee.check_password(NEW_PASSWORD)
    assert not employee.must_change_password
    used = Browser().get(link[1], follow=True)
    assert 'name="password1"' not in used.content.decode()


def test_it_does_not_say_whether_an_address_is_known(employee: Employee) -> None:
    known = Browser().post("/accounts/password/reset/", {"email": "liming@example.com"})
    unknown = Browser().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_it_lets_nobody_add_a_mailbox(employee: Employee) -> None:
    browser = Browser()
    browser.force_login(employee)
    for path in ("/accounts/email/", "/accounts/password/set/"):
        assert browser.get(path).status_code == 404
        added = browser.post(path, {"email": "desk@example.net", "action_add": ""})
        assert added.status_code in {404, 405}
    Browser().post("/accounts/password/reset/", {"email": "desk@example.net"})
    assert mail.outbox == []


def test_it_asks_first_for_a_password_that_only_its_owner_knows(employee: Employee) -> None:
    Employee.objects.filter(pk=employee.pk).update(must_change_password=True)
    browser = Browser()
    browser.force_login(employee)
    change = "/accounts/password/change/"
    assert browser.get("/me/")["Location"] == change
    assert "管理员" in browser.get(change, headers={"accept-language": "zh-hans"}).content.decode()
    # What was typed elsewhere is kept, and one can read the page or leave.
    assert browser.post("/me/", {"language": "en", "theme": ""})["Location"] == "/me/"
    assert browser.get("/accounts/logout/").status_code == 200
    assert browser.post("/me/language/", {"language": "en"}).status_code == 302
    answer = browser.post(
        change, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert answer["Location"] == "/"
    assert browser.get("/me/").status_code == 200


# The cache warns of keys that it may not take.
@pytest.mark.filterwarnings("error::django.core.cache.CacheKeyWarning")
@pytest.mark.parametrize("key", [r'"\\000aaaaaaaaaaaa"', "a" * 5000, "' OR 1=1 --"])
def test_it_takes_a_forged_session_for_none(key: str) -> None:
    answer = Browser().get("/me/", headers={"cookie": f"sessionid={key}"})
    assert answer["Location"] == "/accounts/login/?next=/me/"


def test_it_lets_nobody_register() -> None:
    before = Employee.objects.count()
    browser = Browser()
    browser.post(
        "/accounts/signup/",
        {"username": "new", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert Employee.objects.count() == before
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/password/reset/key/1-bad/",
        "/accounts/signup/",
        "/accounts/inactive/",
    ],
)
def test_it_shows_pages_before_login_in_the_products_look(path: str) -> None:
    answer = Browser().get(path, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "crm-entrance" in page
    assert "style=" not in page
    assert "<script>" not in page
