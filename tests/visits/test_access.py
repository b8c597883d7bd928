"""The short answers to who may act and who may correct are those of the access rule."""

import pytest

from clients.models import Client
from staff.models import Employee
from tests.factories import CallbackFactory, VisitFactory
from visits.models import Callback, Visit
from visits.querysets import acts_on, corrects

pytestmark = pytest.mark.django_db


def test_it_says_what_the_rule_says(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    head: Employee,
    regional_head: Employee,
    compliance: Employee,
    operations: Employee,
    administrator: Employee,
) -> None:
    CallbackFactory(client=zhang)
    CallbackFactory(client=zhang, confidential=True)
    said = set()
    everybody = (manager, colleague, stranger, head, regional_head, compliance, operations)
    for employee in (*everybody, administrator):
        may = set(Callback.objects.editable_by(employee).values_list("pk", flat=True))
        for callback in Callback.objects.visible_to(employee):
            assert acts_on(employee, callback) == (callback.pk in may)
            said.add(callback.pk in may)
    assert said == {True, False}


def test_it_says_who_corrects_what_the_rule_says(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    compliance: Employee,
    administrator: Employee,
) -> None:
    for employee in (manager, head, compliance, administrator):
        VisitFactory(client=zhang, employee=employee)
        VisitFactory(client=zhang, employee=employee, confidential=True)
    answers = set()
    for employee in (manager, colleague, head, compliance, administrator):
        may = set(Visit.objects.editable_by(employee).values_list("pk", flat=True))
        for visit in Visit.objects.visible_to(employee):
            assert corrects(employee, visit) == (visit.pk in may)
            answers.add(visit.pk in may)
    assert answers == {True, False}
