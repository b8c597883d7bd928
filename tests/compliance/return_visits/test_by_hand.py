"""Return visits that an officer plans by hand."""

import uuid

import pytest
from django.test import Client as Browser

from clients.models import Client
from compliance.models import ReturnVisit
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db


class TestPlanningByHand:
    def plan(self, browser: Browser, client: Client, **more: str) -> int:
        data = {"token": str(uuid.uuid4()), "due_on": today().isoformat(), "words": "高风险产品"}
        address = f"{client.get_absolute_url()}return-visit/"
        return browser.post(address, {**data, **more}).status_code

    def test_an_officer_plans_one(
        self, zhang: Client, mei: Employee, compliance: Employee, browse: Browse
    ) -> None:
        assert self.plan(browse(compliance), zhang) == 302
        row = ReturnVisit.objects.get()
        assert row.reason == "hand"
        assert row.callback.confidential
        assert row.callback.employee == mei

    def test_the_same_form_twice_is_one(
        self, zhang: Client, mei: Employee, compliance: Employee, browse: Browse
    ) -> None:
        token = str(uuid.uuid4())
        for _turn in range(2):
            self.plan(browse(compliance), zhang, token=token)
        assert ReturnVisit.objects.count() == 1

    def test_others_do_not(
        self, zhang: Client, head: Employee, manager: Employee, stranger: Employee, browse: Browse
    ) -> None:
        assert self.plan(browse(manager), zhang) == 403
        assert self.plan(browse(head), zhang) == 403
        assert self.plan(browse(stranger), zhang) == 404
        assert not ReturnVisit.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [{"words": ""}, {"due_on": "2020-01-01"}, {"due_on": "9999-01-01"}, {"due_on": "x"}],
    )
    def test_bad_input_plans_nothing(
        self, zhang: Client, compliance: Employee, browse: Browse, wrong: dict[str, str]
    ) -> None:
        assert self.plan(browse(compliance), zhang, **wrong) == 422
        assert not ReturnVisit.objects.exists()

    def test_a_prospect_has_none(self, zhou: Client, compliance: Employee, browse: Browse) -> None:
        assert self.plan(browse(compliance), zhou) == 422
