"""Employees and their postings."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clients.models import Client
from crm.operations import EmployeeLeft
from crm.trading_days import today
from staff.employees.services import end_posting, save_employee
from staff.models import Branch, Employee, Posting, Role

pytestmark = pytest.mark.django_db


def postings(employee: Employee) -> list[tuple[str, date, date | None]]:
    rows = employee.postings.order_by("valid_from", "pk")
    return [(row.branch.code, row.valid_from, row.valid_to) for row in rows]


@pytest.fixture
def newcomer(branch: Branch) -> Employee:
    employee = Employee(username="new", full_name="新人", branch=branch)
    save_employee(employee=employee, on=date(2026, 1, 5))
    return employee


def test_it_begins_a_posting_for_a_new_employee(newcomer: Employee) -> None:
    assert postings(newcomer) == [("PD", date(2026, 1, 5), None)]


def test_it_leaves_the_posting_alone_where_the_branch_stays(newcomer: Employee) -> None:
    newcomer.role = Role.BRANCH_HEAD
    save_employee(employee=newcomer, on=date(2026, 3, 2))
    assert postings(newcomer) == [("PD", date(2026, 1, 5), None)]
    newcomer.refresh_from_db()
    assert newcomer.role == Role.BRANCH_HEAD


def test_it_ends_one_posting_and_begins_the_next(newcomer: Employee, other_branch: Branch) -> None:
    newcomer.branch = other_branch
    save_employee(employee=newcomer, on=date(2026, 3, 2))
    assert postings(newcomer) == [
        ("PD", date(2026, 1, 5), date(2026, 3, 2)),
        ("MH", date(2026, 3, 2), None),
    ]


def test_it_keeps_no_posting_that_never_took_effect(
    newcomer: Employee, company: Branch, other_branch: Branch
) -> None:
    for branch in (company, other_branch):
        newcomer.branch = branch
        save_employee(employee=newcomer, on=date(2026, 3, 2))
    assert postings(newcomer) == [
        ("PD", date(2026, 1, 5), date(2026, 3, 2)),
        ("MH", date(2026, 3, 2), None),
    ]


def test_it_reaches_back_for_whoever_came_before_postings_were_kept(
    colleague: Employee, other_branch: Branch
) -> None:
    Employee.objects.filter(pk=colleague.pk).update(
        date_joined=timezone.now() - timedelta(days=100)
    )
    colleague.refresh_from_db()
    colleague.branch = other_branch
    save_employee(employee=colleague)
    assert postings(colleague) == [
        ("PD", today() - timedelta(days=100), today()),
        ("MH", today(), None),
    ]


@pytest.mark.parametrize(
    "change",
    [{"role": Role.OPERATIONS}, {"role": Role.COMPLIANCE}, {"is_active": False}, {"branch": None}],
)
def test_it_refuses_to_take_the_post_from_whoever_serves(
    manager: Employee, zhang: Client, other_branch: Branch, change: dict[str, object]
) -> None:
    if "branch" in change:
        change = {"branch": other_branch}
    for name, value in change.items():
        setattr(manager, name, value)
    with pytest.raises(ValidationError, match=manager.full_name):
        save_employee(employee=manager)
    kept = Employee.objects.get(pk=manager.pk)
    assert (kept.role, kept.branch_id, kept.is_active) == (Role.MANAGER, zhang.branch_id, True)
    assert not Posting.objects.exists()


def test_it_ends_the_posting_of_whoever_leaves(newcomer: Employee) -> None:
    end_posting(EmployeeLeft(employee=newcomer, left_on=date(2026, 4, 30), by=None))
    assert postings(newcomer) == [("PD", date(2026, 1, 5), date(2026, 4, 30))]


def test_it_ends_no_posting_before_it_began(newcomer: Employee) -> None:
    end_posting(EmployeeLeft(employee=newcomer, left_on=date(2025, 12, 31), by=None))
    assert postings(newcomer) == [("PD", date(2026, 1, 5), date(2026, 1, 5))]


def test_it_welcomes_back_whoever_had_left(newcomer: Employee, other_branch: Branch) -> None:
    end_posting(EmployeeLeft(employee=newcomer, left_on=date(2026, 4, 30), by=None))
    newcomer.is_active, newcomer.left_on = False, date(2026, 4, 30)
    newcomer.save()
    newcomer.is_active, newcomer.branch = True, other_branch
    save_employee(employee=newcomer, on=date(2026, 6, 1))
    assert Employee.objects.get(pk=newcomer.pk).left_on is None
    assert postings(newcomer)[-1] == ("MH", date(2026, 6, 1), None)
