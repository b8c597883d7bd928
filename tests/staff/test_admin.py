"""Administration of people: who may change whom, and what keeps the tree a tree."""

from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation

from clients.models import Client
from crm import policies
from crm.operations import employee_left
from crm.trading_days import today
from staff.models import Branch, Employee, Policy, Role
from tests.cast import Browse
from tests.factories import EmployeeFactory
from tests.forms import filled

pytestmark = pytest.mark.django_db


def page(employee: Employee, action: str = "change") -> str:
    return reverse(f"admin:staff_employee_{action}", args=[employee.pk])


@pytest.fixture
def branch_staff(head: Employee) -> Employee:
    head.is_staff = True
    head.save()
    head.user_permissions.set(Permission.objects.all())
    return head


def test_it_moves_an_employee_and_keeps_the_postings(
    administrator: Employee, colleague: Employee, other_branch: Branch, browse: Browse
) -> None:
    browser = browse(administrator)
    data = filled(browser.get(page(colleague))) | {"branch": other_branch.pk}
    assert browser.post(page(colleague), data).status_code == 302
    colleague.refresh_from_db()
    assert colleague.branch == other_branch
    assert colleague.postings.get(valid_to=None).branch == other_branch


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", Role.OPERATIONS), ("role", Role.COMPLIANCE), ("branch", "other"), ("is_active", "")],
)
def test_it_says_how_many_clients_wait_for_a_hand_over(
    administrator: Employee,
    manager: Employee,
    zhang: Client,
    zhou: Client,
    other_branch: Branch,
    browse: Browse,
    field: str,
    value: str,
) -> None:
    browser = browse(administrator)
    sent = other_branch.pk if value == "other" else value
    data = filled(browser.get(page(manager))) | {field: sent}
    answer = browser.post(page(manager), data)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field]
    assert "2" in errors[field][0]
    assert manager.full_name in errors[field][0]
    assert Employee.objects.get(pk=manager.pk).role == Role.MANAGER


def test_it_lets_a_head_serve(
    administrator: Employee, manager: Employee, zhang: Client, browse: Browse
) -> None:
    browser = browse(administrator)
    data = filled(browser.get(page(manager))) | {"role": Role.BRANCH_HEAD, "full_name": "王芳芳"}
    assert browser.post(page(manager), data).status_code == 302
    manager.refresh_from_db()
    assert (manager.role, manager.full_name) == (Role.BRANCH_HEAD, "王芳芳")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"role": Role.BROKER, "employment": "employed"}, "__all__"),
        ({"role": Role.MANAGER, "branch": ""}, "__all__"),
        ({"username": ""}, "username"),
    ],
)
def test_it_refuses_an_impossible_employee(
    administrator: Employee,
    colleague: Employee,
    browse: Browse,
    data: dict[str, str],
    field: str,
) -> None:
    browser = browse(administrator)
    answer = browser.post(page(colleague), filled(browser.get(page(colleague))) | data)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def test_it_makes_an_employee_with_a_posting(
    administrator: Employee, branch: Branch, browse: Browse
) -> None:
    data = {
        "username": "newcomer",
        "full_name": "新人",
        "email": "n@example.com",
        "role": Role.MANAGER,
        "branch": branch.pk,
        "employment": "employed",
        "usable_password": "true",
        "password1": "correct-horse-battery",
        "password2": "correct-horse-battery",
    }
    answer = browse(administrator).post(reverse("admin:staff_employee_add"), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = Employee.objects.get(username="newcomer")
    assert made.check_password("correct-horse-battery")
    assert made.postings.get().branch == branch
    # The administrator knows the password.
    assert made.must_change_password


def test_a_password_of_another_is_to_be_changed_by_them(
    administrator: Employee, manager: Employee, browse: Browse
) -> None:
    url = reverse("admin:auth_user_password_change", args=[manager.pk])
    data = {
        "usable_password": "true",
        "password1": "for-the-first-day",
        "password2": "for-the-first-day",
    }
    assert browse(administrator).post(url, data).status_code == 302
    manager.refresh_from_db()
    assert manager.check_password("for-the-first-day")
    assert manager.must_change_password


def test_ones_own_password_needs_the_old_one(administrator: Employee, browse: Browse) -> None:
    browser = browse(administrator)
    for url in (
        reverse("admin:auth_user_password_change", args=[administrator.pk]),
        reverse("admin:password_change"),
    ):
        data = {"password1": "another-Long-phrase", "password2": "another-Long-phrase"}
        assert browser.post(url, data)["Location"] == reverse("account_change_password")


def test_a_new_address_takes_the_password_from_the_old_mailbox(
    administrator: Employee, manager: Employee, browse: Browse
) -> None:
    old, new = "old@example.com", "New@Example.com"
    Employee.objects.filter(pk=manager.pk).update(email=old)
    EmailAddress.objects.create(user=manager, email=old, verified=True, primary=True)
    EmailAddress.objects.create(user=manager, email="mine@example.net")
    browser = browse(administrator)
    answer = browser.post(page(manager), filled(browser.get(page(manager))) | {"email": new})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    for address in (old, "mine@example.net"):
        Browser().post("/accounts/password/reset/", {"email": address})
    assert mail.outbox == []
    Browser().post("/accounts/password/reset/", {"email": new})
    assert mail.outbox[0].to == [new.lower()]


class TestStaffOfABranch:
    def test_they_edit_their_people(
        self, branch_staff: Employee, colleague: Employee, browse: Browse
    ) -> None:
        browser = browse(branch_staff)
        data = filled(browser.get(page(colleague))) | {"phone": "13900000000"}
        assert browser.post(page(colleague), data).status_code == 302
        colleague.refresh_from_db()
        assert colleague.phone == "13900000000"

    def test_they_give_no_rights(
        self, branch_staff: Employee, colleague: Employee, browse: Browse
    ) -> None:
        browser = browse(branch_staff)
        data = filled(browser.get(page(colleague)))
        data |= {"is_staff": "on", "is_superuser": "on", "user_permissions": ["1"]}
        assert browser.post(page(colleague), data).status_code == 302
        colleague.refresh_from_db()
        assert (colleague.is_staff, colleague.is_superuser) == (False, False)
        assert not colleague.user_permissions.exists()

    def test_they_send_nobody_out_of_their_branch(
        self, branch_staff: Employee, colleague: Employee, other_branch: Branch, browse: Browse
    ) -> None:
        browser = browse(branch_staff)
        for branch in (other_branch.pk, ""):
            data = filled(browser.get(page(colleague))) | {"branch": branch}
            answer = browser.post(page(colleague), data)
            assert "branch" in answer.context["adminform"].form.errors

    @pytest.mark.parametrize("action", ["change", "password_change"])
    def test_they_touch_nobody_with_rights(
        self, branch_staff: Employee, branch: Branch, browse: Browse, action: str
    ) -> None:
        other = EmployeeFactory(branch=branch, is_staff=True)
        name = "auth_user_password_change" if action == "password_change" else None
        for person in (other, branch_staff):
            url = reverse(f"admin:{name}", args=[person.pk]) if name else page(person)
            data = {"password1": "correct-horse-battery-2", "password2": "correct-horse-battery-2"}
            assert browse(branch_staff).post(url, data).status_code == 403

    def test_they_do_not_see_other_branches(
        self, branch_staff: Employee, stranger: Employee, browse: Browse
    ) -> None:
        browser = browse(branch_staff)
        assert browser.get(page(stranger)).status_code == 404
        url = reverse("admin:auth_user_password_change", args=[stranger.pk])
        assert browser.get(url).status_code == 404
        assert browser.get(page(stranger, "leave")).status_code == 404

    def test_they_do_not_reach_bundles_of_rights(
        self, branch_staff: Employee, administrator: Employee, browse: Browse
    ) -> None:
        url = reverse("admin:auth_group_changelist")
        assert browse(branch_staff).get(url).status_code == 403
        assert browse(administrator).get(url).status_code == 200


class TestLeaving:
    def test_it_releases_the_clients(
        self, administrator: Employee, manager: Employee, zhang: Client, browse: Browse
    ) -> None:
        browser = browse(administrator)
        shown = browser.get(page(manager, "leave"))
        assert shown.context["count"] == 1
        assert f'value="{today().isoformat()}"' in shown.content.decode()
        answer = browser.post(page(manager, "leave"), {"left_on": today().isoformat()})
        assert answer.status_code == 302
        manager.refresh_from_db()
        zhang.refresh_from_db()
        assert (manager.is_active, manager.left_on) == (False, today())
        assert zhang.manager is None
        assert not zhang.assignments.filter(kind="serves", valid_to=None).exists()

    @pytest.mark.parametrize("day", ["2999-01-01", "", "yesterday"])
    def test_it_refuses_a_day_that_cannot_be(
        self, administrator: Employee, manager: Employee, browse: Browse, day: str
    ) -> None:
        answer = browse(administrator).post(page(manager, "leave"), {"left_on": day})
        assert answer.status_code == 422
        manager.refresh_from_db()
        assert manager.is_active

    def test_it_undoes_everything_when_a_part_fails(
        self, administrator: Employee, manager: Employee, zhang: Client, browse: Browse
    ) -> None:
        def fail(event: object) -> None:
            raise RuntimeError("a part failed")

        employee_left.register("test", 99, fail)
        try:
            browser = browse(administrator)
            browser.raise_request_exception = False
            data = {"left_on": today().isoformat()}
            assert browser.post(page(manager, "leave"), data).status_code == 500
        finally:
            employee_left.unregister("test")
        manager.refresh_from_db()
        zhang.refresh_from_db()
        assert manager.is_active
        assert zhang.manager == manager

    def test_nobody_sends_themselves_away(self, administrator: Employee, browse: Browse) -> None:
        assert browse(administrator).get(page(administrator, "leave")).status_code == 403

    def test_it_can_be_chosen_in_the_list(
        self, administrator: Employee, manager: Employee, colleague: Employee, browse: Browse
    ) -> None:
        url = reverse("admin:staff_employee_changelist")
        browser = browse(administrator)
        one = {"action": "leave", "_selected_action": [manager.pk]}
        assert browser.post(url, one)["Location"] == page(manager, "leave")
        both = {"action": "leave", "_selected_action": [manager.pk, colleague.pk]}
        assert browser.post(url, both)["Location"] == url


def test_a_branch_does_not_lie_under_itself(
    administrator: Employee, company: Branch, branch: Branch, browse: Browse
) -> None:
    url = reverse("admin:staff_branch_change", args=[company.pk])
    browser = browse(administrator)
    data = filled(browser.get(url))
    for parent in (branch.pk, company.pk, ""):
        answer = browser.post(url, data | {"parent": parent})
        assert "parent" in answer.context["adminform"].form.errors, parent


def test_a_branch_in_use_is_not_deleted(
    administrator: Employee, manager: Employee, branch: Branch, browse: Browse
) -> None:
    url = reverse("admin:staff_branch_delete", args=[branch.pk])
    answer = browse(administrator).post(url, {"post": "yes"}, follow=True)
    assert "浦东营业部" in str(next(iter(answer.context["messages"])))
    assert Branch.objects.filter(pk=branch.pk).exists()


def test_an_unused_branch_is_deleted(
    administrator: Employee, other_branch: Branch, browse: Browse
) -> None:
    url = reverse("admin:staff_branch_delete", args=[other_branch.pk])
    browser = browse(administrator)
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"post": "yes"}).status_code == 302
    assert not Branch.objects.filter(pk=other_branch.pk).exists()


def test_staff_of_a_branch_add_a_policy_of_their_own_only(
    branch_staff: Employee, branch: Branch, other_branch: Branch, browse: Browse
) -> None:
    data = {
        "key": "callback_daily_capacity",
        "value": "15",
        "unit": "per day",
        "citation": "branch rule",
        "valid_from": "2026-01-01",
        "status": "unverified",
    }
    url = reverse("admin:staff_policy_add")
    browser = browse(branch_staff)
    for refused in ("", other_branch.pk):
        answer = browser.post(url, data | {"branch": refused})
        assert "branch" in answer.context["adminform"].form.errors, refused
    assert browser.post(url, data | {"branch": branch.pk}).status_code == 302
    own = Policy.objects.get(branch=branch)
    change = reverse("admin:staff_policy_change", args=[own.pk])
    data = filled(browser.get(change)) | {"value": "12"}
    assert browser.post(change, data).status_code == 302
    own.refresh_from_db()
    assert own.value == 12


def test_a_branch_has_no_row_of_a_number_that_is_the_firms(
    administrator: Employee, branch: Branch, browse: Browse
) -> None:
    data = {
        "key": "ranking_training_days",
        "value": "9",
        "unit": "days",
        "citation": "branch rule",
        "valid_from": "2026-01-01",
        "status": "unverified",
        "branch": branch.pk,
    }
    browser = browse(administrator)
    answer = browser.post(reverse("admin:staff_policy_add"), data)
    assert "branch" in answer.context["adminform"].form.errors
    # One from before this was refused may be ended.
    old = Policy.objects.create(
        key="ranking_training_days",
        value=9,
        unit="days",
        citation="x",
        valid_from="2026-01-01",
        status="unverified",
        branch=branch,
    )
    change = reverse("admin:staff_policy_change", args=[old.pk])
    assert browser.post(change, filled(browser.get(change)) | {"value": "8"}).status_code == 200
    ended = filled(browser.get(change)) | {"last_day": "2026-02-01"}
    assert browser.post(change, ended).status_code == 302


@pytest.mark.parametrize(
    ("key", "refused", "taken"),
    [
        ("prospect.retention_days", "0", "365"),  # would purge whoever was not spoken to today
        ("callback_daily_capacity", "-1", "0"),
        ("escalation_days", "99999999", "0"),
        ("quiet_from", "24.5", "21.5"),
        ("export_by_managers", "2", "1"),
        ("figures_dormant_assets", "-0.01", "5000"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(
    administrator: Employee, browse: Browse, key: str, refused: str, taken: str
) -> None:
    browser, row = browse(administrator), Policy.objects.get(key=key, valid_to=None)
    change = reverse("admin:staff_policy_change", args=[row.pk])
    form = filled(browser.get(change))
    answer = browser.post(change, form | {"value": refused})
    assert list(answer.context["adminform"].form.errors) == ["value"]
    assert browser.post(change, form | {"value": taken}).status_code == 302
    row.refresh_from_db()
    assert row.value == Decimal(taken)


def test_every_number_that_ships_is_within_what_it_may_be(db: None) -> None:
    shipped = dict(Policy.objects.values_list("key", "value"))
    assert {policy.key for policy in policies.registry} <= set(shipped)
    for key, value in shipped.items():
        least, most = policies.bounds(key)
        assert least <= value <= most, key


def test_citations_that_ship_are_shown_in_chinese(administrator: Employee, browse: Browse) -> None:
    Employee.objects.filter(pk=administrator.pk).update(language="zh-hans")
    page = browse(administrator).get(reverse("admin:staff_policy_changelist") + "?all=")
    text = page.content.decode()
    assert "公司自行设定" in text
    assert "逾期多少个交易日后上报营业部负责人" in text
    assert "trading_days" not in text
    assert "own setting" not in text


def test_the_page_of_a_number_names_laws_in_the_readers_language(
    administrator: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=administrator.pk).update(language="zh-hans")
    row = Policy.objects.get(key="ranking_excluded_sex", branch=None)
    url = reverse("admin:staff_policy_change", args=[row.pk])
    form = browse(administrator).get(url).context["adminform"].form
    assert form["citation"].value() == "《个人信息保护法》第二十四条"
    sent = {
        "value": "1",
        "citation": form["citation"].value(),
        "status": row.status,
        "key": row.key,
        "unit": row.unit,
        "valid_from": row.valid_from.isoformat(),
    }
    assert browse(administrator).post(url, sent).status_code == 302
    row.refresh_from_db()
    # Not touched: readers of English keep the words that ship.
    assert row.citation == "PIPL art. 24"


def test_a_password_that_is_too_short_is_refused_in_chinese(db: None) -> None:
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password("k8Xv2")
    assert refused.value.messages == ["密码太短，至少需要 10 个字符。"]


def test_a_second_open_policy_is_refused(administrator: Employee, browse: Browse) -> None:
    first = Policy.objects.filter(branch=None, valid_to=None)[0]
    data = {
        "key": first.key,
        "value": "1",
        "unit": "x",
        "citation": "x",
        "branch": "",
        # From the day of the one in force, which would have no day left.
        "valid_from": first.valid_from.isoformat(),
        "status": "unverified",
    }
    answer = browse(administrator).post(reverse("admin:staff_policy_add"), data)
    assert answer.status_code == 200
    assert "valid_from" in answer.context["adminform"].form.errors
