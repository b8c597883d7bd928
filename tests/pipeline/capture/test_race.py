"""One number taken down by two people at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, transaction

from clients.models import Client
from pipeline.capture import services as capture
from staff.models import Employee
from tests.factories import EmployeeFactory

NUMBER = "+8613812341234"


@pytest.mark.django_db(transaction=True)
def test_the_second_is_asked_and_makes_no_second_record(manager: Employee) -> None:
    other = EmployeeFactory(branch=manager.branch)
    together = Barrier(2, timeout=120)

    def take_down(employee: Employee) -> str:
        try:
            # As a request does: the transaction was open before the form was looked at.
            with transaction.atomic():
                Client.objects.count()
                together.wait()
                capture.take_down(
                    employee=employee,
                    phone=NUMBER,
                    values={"name": "曾丽"},
                    origin=capture.Origin("quick"),
                    agreed=capture.Agreed("service", [], ""),
                    token=uuid4(),
                )
                return "taken"
        except capture.Doubled:
            return "asked"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(take_down, [manager, other]))
    assert answers == ["asked", "taken"]
    assert Client.objects.count() == 1
