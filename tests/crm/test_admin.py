"""The administration, walked table by table: as superuser, as staff of a branch, as anyone else."""

from datetime import UTC, date, datetime
from typing import Any

import pghistory
import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import (
    Client,
)
from crm.admin_base import MOST_COUNTED, BoundedPaginator
from crm.admin_tasks import BEHIND, TASKS
from crm.models import AccessLog, Holiday
from crm.trading_days import today
from pipeline.models import (
    Stage,
)
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.crm.tables import LABELS, ROOMS
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    EmployeeFactory,
    VisitFactory,
)
from visits.models import (
    ScriptVersion,
)

pytestmark = pytest.mark.django_db


def give_rights(employee: Employee) -> Employee:
    """All rights that can be given, so that only the scope limits."""
    employee.user_permissions.set(Permission.objects.all())
    return employee


@pytest.fixture
def branch_staff(head: Employee) -> Employee:
    """The head of the Pudong branch, with all of Django's rights."""
    Employee.objects.filter(pk=head.pk).update(is_staff=True)
    return give_rights(Employee.objects.get(pk=head.pk))


@pytest.fixture
def foreign_staff(other_branch: Branch) -> Employee:
    """The head of the Minhang branch, with the same rights."""
    return give_rights(EmployeeFactory(branch=other_branch, role="branch_head", is_staff=True))


def page(label: str, action: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{action}", args=args)


def test_one_row_of_every_table_is_there(rows: dict[str, Any]) -> None:
    assert sorted(rows) == sorted(LABELS)


@pytest.mark.parametrize("label", ["visits.visit", "visits.callback", "clients.clientevent"])
def test_a_longer_list_asks_no_more(
    label: str, rows: dict[str, Any], administrator: Employee, browse: Browse
) -> None:
    browser = browse(administrator)
    browser.get(page(label, "changelist"))
    with CaptureQueriesContext(connection) as few:
        browser.get(page(label, "changelist"))
    for _ in range(5):
        client = ClientFactory()
        VisitFactory(client=client, callback=CallbackFactory(client=client))
        Client.objects.filter(pk=client.pk).update(notes="changed")
    with CaptureQueriesContext(connection) as more:
        browser.get(page(label, "changelist"))
    assert len(more) == len(few)


def test_the_index_opens(administrator: Employee, branch_staff: Employee, browse: Browse) -> None:
    for person in (administrator, branch_staff):
        assert browse(person).get(reverse("admin:index")).status_code == 200
        for room in ROOMS:
            assert browse(person).get(reverse("admin:app_list", args=[room])).status_code == 200


def test_no_sentence_of_the_administration_stays_english(
    rows: dict[str, Any], administrator: Employee, browse: Browse
) -> None:
    """What Django and its histories say for themselves; texts of rows are bilingual columns."""
    Employee.objects.filter(pk=administrator.pk).update(language="zh-hans", is_superuser=True)
    browser = browse(administrator)

    def read(url: str) -> str:
        answer = browser.get(url)
        assert answer.status_code == 200, url
        return answer.content.decode()

    assert "user options" not in read(page("staff.employee", "add"))
    assert "view list link" not in read(reverse("admin:index"))
    rights = read(page("staff.employee", "change", administrator.pk))
    assert "Can " not in rights
    assert "客户 | 客户 | 可查看" in rights
    assert "Can " not in read(reverse("admin:auth_group_add"))
    for label in [label for label in rows if label.endswith("event")]:
        text = read(page(label, "changelist"))
        assert "gh created" not in text
        assert "修改时间" in text
        assert " object (" not in read(page(label, "change", rows[label].pk)), label


def test_the_list_of_tables_asks_nothing_for_each_table(
    branch_staff: Employee, browse: Browse
) -> None:
    browser = browse(branch_staff)
    browser.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(reverse("admin:index"))
    assert [query["sql"] for query in asked if '"path"::text LIKE' in query["sql"]] == []
    assert [group.key for group in answer.context["groups"]] == list(TASKS)


def test_every_table_has_its_task_and_a_sentence() -> None:
    for model, page in admin.site._registry.items():
        of_page: Any = page
        if of_page.task != BEHIND:
            assert of_page.task in TASKS, model
            assert str(of_page.about), model
            assert of_page.about, model


def test_it_starts_with_what_one_comes_for(
    rows: dict[str, Any], administrator: Employee, branch_staff: Employee, browse: Browse
) -> None:
    answer = browse(administrator).get(reverse("admin:index"))
    urls = {line.url for group in answer.context["groups"] for line in group.lines}
    shown = {m for m, p in admin.site._registry.items() if getattr(p, "task", "") != BEHIND}
    assert urls == {page(model._meta.label_lower, "changelist") for model in shown}
    text = answer.content.decode()
    assert "谁在何时因何查看或导出了谁的资料。" in text
    assert page("clients.clientevent", "changelist") not in text
    # Whoever may not see a table is not told of it.
    assert page("auth.group", "changelist") in text
    assert (
        page("auth.group", "changelist")
        not in browse(branch_staff).get(reverse("admin:index")).content.decode()
    )


def test_the_history_of_a_row_says_who_changed_what(
    zhang: Client, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhang.pk).update(income_level="high")
    with pghistory.context(employee=manager.pk):
        Client.objects.filter(pk=zhang.pk).update(notes="喜欢早上接电话")
    answer = browse(administrator).get(page("clients.client", "history", zhang.pk))
    latest, before = answer.context["changes"][:2]
    assert (latest.who, before.who) == ("王芳", "")
    assert [(d.name, d.after) for d in latest.differences] == [("备注", "喜欢早上接电话")]
    assert [d.after for d in before.differences] == ["50 万元以上"]
    text = answer.content.decode()
    assert "王芳" in text
    assert f"{page('clients.clientevent', 'changelist')}?q={zhang.pk}" in text


def test_the_history_asks_no_more_for_more_changes(
    zhang: Client, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    browser, url = browse(administrator), page("clients.client", "history", zhang.pk)
    counts = []
    for _ in range(2):
        for number in range(5):
            with pghistory.context(employee=manager.pk):
                Client.objects.filter(pk=zhang.pk).update(notes=f"{_} {number}")
        browser.get(url)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


class TestTheAccessLog:
    """Read by people: names, acts in words, reasons; nobody edits it."""

    url = "/admin/crm/accesslog/"

    @pytest.fixture(autouse=True)
    def entries(self, zhang: Client, zhou: Client, manager: Employee, colleague: Employee) -> None:
        for employee, action, client in (
            (manager, "dial", zhang),
            (colleague, "reveal", zhou),
        ):
            AccessLog.objects.create(
                employee=employee,
                action=action,
                subject_type="phone",
                subject_id=7,
                client_id=client.pk,
                reason="客户来电核对",
            )

    def read(self, browser: Browser, **query: str) -> list[str]:
        answer = browser.get(self.url, query)
        assert answer.status_code == 200
        return [entry.employee.full_name for entry in answer.context["cl"].result_list]

    def test_it_is_read_in_words(
        self, zhang: Client, administrator: Employee, browse: Browse
    ) -> None:
        text = browse(administrator).get(self.url).content.decode()
        for words in ("王芳", "张伟", "客户来电核对", "拨号", zhang.get_absolute_url()):
            assert words in text, words

    def test_it_is_searched_and_filtered(
        self, manager: Employee, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        assert self.read(browser, q="张伟") == ["王芳"]
        assert self.read(browser, q="李强") == ["李强"]
        assert self.read(browser, action="reveal") == ["李强"]
        assert self.read(browser, employee=str(manager.pk)) == ["王芳"]
        assert self.read(browser, day=today().isoformat()) == ["李强", "王芳"]
        assert self.read(browser, day="2020-01-01") == []
        for bad in ({"day": "31.2.2026"}, {"employee": "x"}, {"employee": "9" * 30}):
            assert self.read(browser, **bad) == []

    def test_nobody_changes_it(self, administrator: Employee, browse: Browse) -> None:
        key = AccessLog.objects.latest("pk").pk
        for action, args in (("add", ()), ("change", (key,)), ("delete", (key,))):
            answer = browse(administrator).post(page("crm.accesslog", action, *args), {"post": "1"})
            assert answer.status_code == 403

    def test_it_names_no_client_whom_the_reader_may_not_see(
        self, foreign_staff: Employee, administrator: Employee, zhang: Client, browse: Browse
    ) -> None:
        assert self.read(browse(foreign_staff)) == []
        AccessLog.objects.create(
            employee=administrator,
            action="reveal",
            subject_type="phone",
            subject_id=7,
            client_id=10**9,
            reason="x",
        )
        assert "无权查看或已删除" in browse(administrator).get(self.url).content.decode()

    def test_it_asks_no_more_for_more_entries(
        self, manager: Employee, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        counts = []
        for _ in range(2):
            browser.get(self.url)
            with CaptureQueriesContext(connection) as asked:
                browser.get(self.url)
            counts.append(len(asked))
            for client in ClientFactory.create_batch(5):
                AccessLog.objects.create(
                    employee=manager,
                    action="dial",
                    subject_type="phone",
                    subject_id=7,
                    client_id=client.pk,
                    reason="x",
                )
        assert counts[0] == counts[1]


def test_no_page_shows_the_secrets_of_logins() -> None:
    shown = {model._meta.app_label for model in admin.site._registry}
    assert not shown & {"account", "mfa", "sessions"}


def test_there_is_no_way_to_any_objects_address(administrator: Employee, browse: Browse) -> None:
    assert browse(administrator).get("/admin/r/1/1/").status_code == 404


def test_people_log_in_where_everybody_does(administrator: Employee, browse: Browse) -> None:
    login = reverse("admin:login")
    assert Browser().get(login)["Location"].startswith(reverse("account_login"))
    assert Browser().post(login, {"username": "admin", "password": "x"}).status_code == 302
    assert browse(administrator).get(login)["Location"] == reverse("admin:index")


def test_a_very_long_table_is_not_counted_to_its_end(administrator: Employee) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert (
            BoundedPaginator(Stage.objects.order_by("position"), 10).count == Stage.objects.count()
        )
    assert f"LIMIT {MOST_COUNTED}" in asked[0]["sql"]
    assert "ORDER BY" not in asked[0]["sql"]


def choices(browser: Browser, app: str, model: str, field: str) -> set[str]:
    answer = browser.get(
        reverse("admin:autocomplete"),
        {"app_label": app, "model_name": model, "field_name": field, "term": ""},
    )
    assert answer.status_code == 200
    return {row["text"] for row in answer.json()["results"]}


def test_choices_are_scoped(
    rows: dict[str, Any],
    branch_staff: Employee,
    foreign_staff: Employee,
    administrator: Employee,
    browse: Browse,
) -> None:
    everything = choices(browse(administrator), "clients", "segment", "branch")
    assert {"浦东营业部", "闵行营业部"} <= everything
    assert choices(browse(branch_staff), "clients", "segment", "branch") == {"浦东营业部"}
    assert choices(browse(foreign_staff), "staff", "policy", "branch") == {"闵行营业部"}
    answer = browse(foreign_staff).get(page("staff.employee", "add"))
    offered = answer.context["adminform"].form.fields["branch"].queryset
    assert [branch.code for branch in offered] == ["MH"]


def test_filters_offer_what_is_in_scope(
    rows: dict[str, Any], foreign_staff: Employee, browse: Browse
) -> None:
    text = browse(foreign_staff).get(page("clients.client", "changelist")).content.decode()
    assert "浦东营业部" not in text


def test_the_version_in_force_is_listed(rows: dict[str, Any]) -> None:
    assert isinstance(rows["visits.scriptversion"], ScriptVersion)


def test_it_says_which_years_of_the_calendar_are_provisional(
    administrator: Employee, browse: Browse
) -> None:
    with time_machine.travel(datetime(2026, 11, 30, 4, tzinfo=UTC), tick=False):
        page = browse(administrator).get("/admin/crm/holiday/").content.decode()
        assert "暂按推算的临时日历处理：2027。" in page
        Holiday.objects.create(day=date(2027, 10, 1))
        page = browse(administrator).get("/admin/crm/holiday/").content.decode()
    assert "临时日历" not in page
