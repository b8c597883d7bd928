"""The last place of a campaign under two people at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from pipeline.campaigns import services as campaigns
from pipeline.models import Invitation
from staff.models import Branch, Employee
from tests.campaigns import campaign, invited
from tests.factories import ClientFactory


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_last_place_to_one_of_two(branch: Branch, manager: Employee) -> None:
    event = campaign(branch, manager, capacity=1)
    rows = [invited(event, ClientFactory(manager=manager), manager) for _ in range(2)]
    together = Barrier(2, timeout=120)

    def say_yes(row: Invitation) -> str:
        try:
            together.wait()
            return campaigns.reply(invitation=row, answer="yes").reply
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(say_yes, rows))
    assert answers == ["waiting", "yes"]
