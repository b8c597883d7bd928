"""Nobody stands before an empty page: not after a session's end, nor at an address without a page."""

import pytest
from django.test import Client as Browser

from clients.models import Client
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db

PAGE = {"Accept": "text/html,application/xhtml+xml"}


def test_a_form_sent_after_the_sessions_end_leads_back_to_its_page(zhang: Client) -> None:
    page = f"{zhang.get_absolute_url()}edit/"
    sent = Browser().post(page, {"name": "张伟"}, headers={"Referer": f"http://testserver{page}"})
    assert sent.status_code == 302
    assert sent["Location"] == f"/accounts/login/?next={page}"


def test_it_says_that_nothing_was_saved() -> None:
    browser = Browser()
    page = browser.post("/notifications/read/", follow=True)
    assert page.redirect_chain == [("/accounts/login/?next=/", 302)]
    assert "未保存" in page.content.decode()


def test_it_leads_to_no_other_site() -> None:
    answer = Browser().post("/notifications/read/", headers={"Referer": "https://evil.example/x"})
    assert answer["Location"] == "/accounts/login/?next=/"


def test_a_page_asked_for_is_the_page_one_gets(zhang: Client) -> None:
    answer = Browser().get(zhang.get_absolute_url())
    assert answer["Location"] == f"/accounts/login/?next={zhang.get_absolute_url()}"


def test_an_address_without_a_page_says_so(manager: Employee, browse: Browse) -> None:
    answer = browse(manager).get("/notifications/read/", headers=PAGE)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "没有页面" in answer.content.decode()


def test_to_programs_it_says_nothing(manager: Employee, browse: Browse) -> None:
    answer = browse(manager).get("/notifications/read/")
    assert (answer.status_code, answer.content) == (405, b"")
