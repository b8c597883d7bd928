"""What is won or lost is over: nothing says what comes next."""

from __future__ import annotations

import pytest

from clients.models import Client
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage
from staff.models import Employee
from tests.cast import Browse
from tests.factories import OpportunityFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["open", "won", "lost"])
def test_only_what_is_in_progress_shows_a_next_step(
    state: str, zhou: Client, manager: Employee, browse: Browse
) -> None:
    opportunity = OpportunityFactory(client=zhou, next_step="寄送开户资料", next_step_on=today())
    stage = Stage.objects.of(opportunity.kind).get(kind=state) if state != "open" else None
    if stage is not None:
        Opportunity.objects.filter(pk=opportunity.pk).update(
            stage=stage,
            state=state,
            closed_on=today(),
            lost_reason=LostReason.objects.first() if state == "lost" else None,
        )
    browser = browse(manager)
    for page in (
        opportunity.get_absolute_url(),
        "/pipeline/list/",
        "/pipeline/",
        zhou.get_absolute_url(),
    ):
        text = browser.get(page).content.decode()
        assert ("寄送开户资料" in text) == (state == "open"), page
