"""Administration of clients and segments: masked, read-only, rules in versions."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import Permission
from django.urls import reverse

from clients.models import Client, Phone, Segment, SegmentRule
from clients.segments.services import end_rule, revise_rule
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory
from tests.forms import filled

pytestmark = pytest.mark.django_db


def page(segment: Segment, action: str = "change") -> str:
    return reverse(f"admin:clients_segment_{action}", args=[segment.pk])


@pytest.fixture
def sent_tasks() -> Iterator[Callable[[], list[str]]]:
    """Takes the tasks out of the queue and tells their names."""

    def take() -> list[str]:
        names = []
        with current_app.connection_for_read() as broker:
            queue = broker.SimpleQueue(current_app.conf.task_default_queue)
            try:
                while True:
                    message = queue.get(block=False)
                    message.ack()
                    names.append(message.headers["task"])
            except queue.Empty:
                return names
            finally:
                queue.close()

    take()
    yield take
    take()


class TestRules:
    def test_a_change_is_a_new_version_from_today(
        self,
        segment: Segment,
        sent_tasks: Callable[[], list[str]],
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        old = segment.rules.get(valid_to=None)
        with django_capture_on_commit_callbacks(execute=True):
            new = revise_rule(segment=segment, priority=5, income_levels=["low"])
        old.refresh_from_db()
        assert (old.valid_to, old.priority) == (today(), 70)
        assert (new.valid_from, new.valid_to, new.priority) == (today(), None, 5)
        assert (new.income_levels, new.investment_sizes) == (["low"], [])
        assert sent_tasks() == ["clients.segments.tasks.classify_firm"]

    def test_the_same_content_is_no_change(
        self,
        segment: Segment,
        sent_tasks: Callable[[], list[str]],
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        rule = segment.rules.get(valid_to=None)
        with django_capture_on_commit_callbacks(execute=True):
            again = revise_rule(
                segment=segment,
                priority=70,
                investment_sizes=["small"],
                investment_styles=["conservative"],
            )
        assert again == rule
        assert segment.rules.count() == 1
        assert sent_tasks() == []

    def test_a_second_change_on_the_day_corrects_the_first(self, segment: Segment) -> None:
        first = revise_rule(segment=segment, priority=5)
        second = revise_rule(segment=segment, priority=6)
        assert (first.pk, second.priority) == (second.pk, 6)
        assert segment.rules.count() == 2

    def test_it_ends(self, segment: Segment) -> None:
        end_rule(segment=segment, on=date(2026, 1, 5))
        assert segment.rules.get().valid_to == date(2026, 1, 5)
        end_rule(segment=segment)
        assert segment.rules.get().valid_to == date(2026, 1, 5)


class TestSegmentPage:
    def test_it_saves_a_rule_as_a_new_version(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        data = filled(browser.get(page(segment)))
        data |= {"name_en": "Small savers", "rules-0-income_levels": ["low", "middle"]}
        assert browser.post(page(segment), data).status_code == 302
        segment.refresh_from_db()
        rule = segment.rules.get(valid_to=None)
        assert segment.name_en == "Small savers"
        assert rule.income_levels == ["low", "middle"]
        assert rule.investment_sizes == ["small"]
        assert segment.rules.count() == 2

    def test_it_writes_no_version_where_only_the_name_changed(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        data = filled(browser.get(page(segment))) | {"name_en": "Small savers"}
        assert browser.post(page(segment), data).status_code == 302
        assert segment.rules.count() == 1

    def test_it_ends_the_rule(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        data = filled(browser.get(page(segment))) | {"rules-0-ends": "on"}
        assert browser.post(page(segment), data).status_code == 302
        assert segment.rules.get().valid_to == today()
        assert browser.get(page(segment)).status_code == 200

    def test_it_refuses_a_level_that_does_not_exist(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        browser = browse(administrator)
        data = filled(browser.get(page(segment))) | {"rules-0-income_levels": ["enormous"]}
        assert browser.post(page(segment), data).status_code == 200
        assert segment.rules.count() == 1

    def test_the_default_segment_has_no_rule(self, administrator: Employee, browse: Browse) -> None:
        default = Segment.objects.get(is_default=True)
        answer = browse(administrator).get(page(default))
        assert answer.context["inline_admin_formsets"] == []
        data = filled(answer) | {"rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0"}
        data |= {"rules-0-priority": "1"}
        assert browse(administrator).post(page(default), data).status_code == 302
        assert not SegmentRule.objects.filter(segment=default).exists()

    def test_a_branch_makes_its_own_segment_and_reads_the_firms(
        self, segment: Segment, head: Employee, branch: Branch, browse: Browse
    ) -> None:
        head.is_staff = True
        head.save()
        head.user_permissions.set(Permission.objects.all())
        browser = browse(head)
        assert "rules-0-priority" not in browser.get(page(segment)).content.decode()
        assert browser.post(page(segment), {"name_zh": "改"}).status_code == 403
        url = reverse("admin:clients_segment_add")
        data = filled(browser.get(url)) | {"key": "pudong", "name_zh": "浦东重点"}
        data |= {"branch": branch.pk, "tier": "1", "rules-0-priority": "1"}
        data |= {"rules-0-investment_sizes": ["very_large"]}
        answer = browser.post(url, data)
        assert answer.status_code == 302, answer.context["errors"]
        made = Segment.objects.get(key="pudong")
        assert made.branch == branch
        assert made.rules.get(valid_to=None).investment_sizes == ["very_large"]

    def test_a_segment_in_use_is_not_deleted(
        self, segment: Segment, zhang: Client, administrator: Employee, browse: Browse
    ) -> None:
        answer = browse(administrator).post(page(segment, "delete"), {"post": "yes"})
        assert answer["Location"] == page(segment)
        assert Segment.objects.filter(pk=segment.pk).exists()


class TestClients:
    @pytest.fixture
    def phone(self, zhang: Client) -> Phone:
        row = Phone(client=zhang, valid_from=today())
        row.set_number("+8613812345678")
        row.save()
        return row

    def test_numbers_are_masked(
        self, zhang: Client, phone: Phone, administrator: Employee, browse: Browse
    ) -> None:
        url = reverse("admin:clients_client_change", args=[zhang.pk])
        text = browse(administrator).get(url).content.decode()
        assert "138****5678" in text
        assert "13812345678" not in text

    def test_they_are_found_as_in_the_product(
        self, zhang: Client, phone: Phone, administrator: Employee, browse: Browse
    ) -> None:
        ClientFactory(name="李娜", name_pinyin="lina")
        url = reverse("admin:clients_client_changelist")
        answer = browse(administrator).get(url, {"q": "138 1234 5678"})
        assert [row.pk for row in answer.context["cl"].result_list] == [zhang.pk]

    def test_they_do_not_change_here(
        self, zhang: Client, administrator: Employee, browse: Browse
    ) -> None:
        url = reverse("admin:clients_client_change", args=[zhang.pk])
        assert browse(administrator).post(url, {"name": "改名"}).status_code == 403
        zhang.refresh_from_db()
        assert zhang.name == "张伟"
