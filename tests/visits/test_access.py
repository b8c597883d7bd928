"""The short answer of the call screen to who may act is that of the access rule."""

import pytest

from clients.models import Client
from staff.models import Employee
from tests.factories import CallbackFactory
from visits.models import Callback
from visits.querysets import acts_on

pytestmark = pytest.mark.django_db


def test_it_says_what_the_rule_says(
    zhang: Client, manager: Employee, colleague: Employee, stranger: Employee, head: Employee,
    regional_head: Employee, compliance: Employee, operations: Employee, administrator: Employee,
) -> None:  # fmt: skip
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
