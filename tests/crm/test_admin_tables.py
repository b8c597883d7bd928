"""Every table in the administration: who sees it, who writes it, and what it never shows."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from staff.models import Employee
from tests.cases import undone
from tests.cast import Browse
from tests.crm.tables import ACCOUNT, LABELS, OF_CLIENTS, OF_PEOPLE, PAPER, PHONE, READ_ONLY, ROOMS
from tests.crm.test_admin import branch_staff, foreign_staff, page

__all__ = ["branch_staff", "foreign_staff"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(params=ROOMS)
def labels(request: pytest.FixtureRequest) -> list[str]:
    """The tables of one room; their rows are made once for all of them."""
    return [label for label in LABELS if label.partition(".")[0] == request.param]


class TestEveryTable:
    """Each table is a subtest: it finds the rows as they were made, and fails by itself."""

    def test_it_opens_for_the_administrator(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(administrator)
                key = rows[label].pk
                for query in ({}, {"q": "x'\"%"}, {"q": "张伟"}, {"p": "99"}, {"o": "-1.2"}):
                    listed = browser.get(page(label, "changelist"), query)
                    assert listed.status_code in {200, 302}, query
                assert quote(str(key)) in browser.get(page(label, "changelist")).content.decode()
                assert browser.get(page(label, "change", key)).status_code == 200
                assert browser.get(page(label, "history", key)).status_code == 200
                addable = admin.site.get_model_admin(apps.get_model(label)).has_add_permission(
                    browser.get(page(label, "changelist")).wsgi_request
                )
                assert browser.get(page(label, "add")).status_code == (200 if addable else 403)
                assert browser.get(page(label, "delete", key)).status_code in {200, 302, 403}

    def test_every_filter_works(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(administrator)
                changes = browser.get(page(label, "changelist")).context["cl"]
                for spec in changes.filter_specs:
                    for choice in list(spec.choices(changes))[:6]:
                        url = page(label, "changelist") + choice["query_string"]
                        assert browser.get(url).status_code == 200, url

    def test_it_shows_no_number_in_the_clear(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(administrator)
                hidden = [
                    PHONE[3:],
                    PAPER[3:14],
                    ACCOUNT[:-4],
                    "memory at 0x",
                    "secret-token",
                    "ciphertext",
                    "number_index",
                ]
                for url in (page(label, "changelist"), page(label, "change", rows[label].pk)):
                    text = browser.get(url).content.decode()
                    assert [word for word in hidden if word in text] == []

    def test_a_wrong_key_is_not_found(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(administrator)
                for key in ("0", "x", "9" * 25, "_00", "../1"):
                    for action in ("change", "history", "delete"):
                        if action == "delete" and label in READ_ONLY:
                            continue
                        assert browser.get(page(label, action, key)).status_code == 404, (
                            action,
                            key,
                        )

    def test_services_alone_write_it(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            if label not in READ_ONLY - {"staff.branch"}:
                continue
            with subtests.test(label), undone():
                browser = browse(administrator)
                key = rows[label].pk
                for action, args in (("add", ()), ("change", (key,)), ("delete", (key,))):
                    answer = browser.post(page(label, action, *args), {"post": "yes"})
                    assert answer.status_code == 403, action
                assert type(rows[label]).objects.filter(pk=key).exists()

    def test_staff_of_the_branch_see_it(
        self,
        labels: list[str],
        rows: dict[str, Any],
        branch_staff: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(branch_staff)
                assert browser.get(page(label, "changelist")).status_code == 200
                assert browser.get(page(label, "change", rows[label].pk)).status_code == 200

    def test_staff_of_another_branch_see_the_firms_only(
        self,
        labels: list[str],
        rows: dict[str, Any],
        foreign_staff: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(foreign_staff)
                answer = browser.get(page(label, "changelist"))
                assert answer.status_code == 200
                shown = {row.pk for row in answer.context["cl"].result_list}
                hidden = label in OF_CLIENTS | OF_PEOPLE
                assert (rows[label].pk in shown) is not hidden
                for action in ("change", "history"):
                    status = browser.get(page(label, action, rows[label].pk)).status_code
                    assert status == (404 if hidden else 200), action
                if hidden:
                    # A table that nobody writes refuses before it looks for the row.
                    answer = browser.post(page(label, "change", rows[label].pk), {})
                    nothing = browser.post(page(label, "change", 10**9), {})
                    assert (
                        answer.status_code
                        == nothing.status_code
                        == (403 if label in READ_ONLY | {"staff.branch"} else 404)
                    )

    def test_staff_of_a_branch_do_not_change_the_firms(
        self,
        labels: list[str],
        rows: dict[str, Any],
        branch_staff: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            if label == "staff.employee":
                continue
            with subtests.test(label), undone():
                browser = browse(branch_staff)
                key = rows[label].pk
                for action in ("change", "delete"):
                    answer = browser.post(page(label, action, key), {"post": "yes"})
                    assert answer.status_code == 403, action

    def test_the_rest_find_nothing(
        self,
        labels: list[str],
        rows: dict[str, Any],
        manager: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        for label in labels:
            with subtests.test(label), undone():
                for action, args in (("changelist", ()), ("change", (rows[label].pk,))):
                    url = page(label, action, *args)
                    anonymous = Browser().get(url)
                    assert anonymous.status_code == 302
                    assert anonymous["Location"].startswith(reverse("account_login"))
                    assert browse(manager).get(url, follow=True).status_code == 404

    def test_it_asks_few_questions(
        self,
        labels: list[str],
        rows: dict[str, Any],
        administrator: Employee,
        browse: Browse,
        subtests: pytest.Subtests,
    ) -> None:
        """The list does not ask once more for each row."""
        for label in labels:
            with subtests.test(label), undone():
                browser = browse(administrator)
                browser.get(page(label, "changelist"))
                with CaptureQueriesContext(connection) as asked:
                    browser.get(page(label, "changelist"))
                assert len(asked) <= 20
