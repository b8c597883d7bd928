"""Branch, manager and prospect type of a client stand in its opportunities and scores, wherever they change."""

import pytest
from django.apps import apps
from django.db import connection

from clients.file.assignments import assign
from clients.models import Client
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, RankingScore, Stage
from pipeline.ranking import scoring
from staff.models import Employee
from tests.factories import BranchFactory, ClientFactory, EmployeeFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def type_of(opportunity: Opportunity) -> str:
    opportunity.refresh_from_db()
    return opportunity.prospect_type


def copies(opportunity: Opportunity) -> tuple[int | None, int | None]:
    opportunity.refresh_from_db()
    return opportunity.branch_id, opportunity.manager_id


def test_a_new_one_has_those_of_its_client(zhou: Client, manager: Employee) -> None:
    assert copies(OpportunityFactory(client=zhou)) == (zhou.branch_id, manager.pk)
    nobodys = ClientFactory(manager=None, branch=zhou.branch)
    assert copies(OpportunityFactory(client=nobodys)) == (nobodys.branch_id, None)


def test_what_is_written_there_by_hand_does_not_count(zhou: Client, colleague: Employee) -> None:
    made = OpportunityFactory(client=zhou, manager=colleague)
    assert copies(made) == (zhou.branch_id, zhou.manager_id)


def test_they_follow_a_client_that_is_given_to_another(
    zhou: Client, colleague: Employee, manager: Employee
) -> None:
    made = OpportunityFactory(client=zhou)
    assign(client=zhou, employee=colleague, on=today(), reason="交接")
    assert copies(made) == (zhou.branch_id, colleague.pk)
    assert list(Opportunity.objects.visible_to(colleague)) == [made]
    assert not Opportunity.objects.visible_to(manager).exists()


def test_they_follow_a_statement_over_many_clients(zhou: Client) -> None:
    made, branch = OpportunityFactory(client=zhou), BranchFactory()
    scoring.score()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clients_client SET branch_id = %s, manager_id = NULL", [branch.pk])
    assert copies(made) == (branch.pk, None)
    assert RankingScore.objects.get().branch == branch
    there = EmployeeFactory(branch=branch, role="branch_head")
    assert RankingScore.objects.visible_to(there).count() == 1


def test_they_are_those_of_the_client_that_it_is_moved_to(
    zhou: Client, colleague: Employee
) -> None:
    made = OpportunityFactory(client=zhou)
    made.client = ClientFactory(manager=colleague)
    made.save(update_fields=["client"])
    assert copies(made) == (made.client.branch_id, colleague.pk)


def test_the_type_of_prospect_follows_too(zhou: Client) -> None:
    Client.objects.filter(pk=zhou.pk).update(prospect_type="advisory")
    made = OpportunityFactory(client=zhou)
    assert type_of(made) == "advisory"
    Client.objects.filter(pk=zhou.pk).update(prospect_type="delegating")
    assert type_of(made) == "delegating"
    made.client = ClientFactory(prospect_type="")
    made.save(update_fields=["client"])
    assert type_of(made) == ""


def test_no_event_is_kept_of_a_copy(zhou: Client, colleague: Employee) -> None:
    OpportunityFactory(client=zhou)
    Client.objects.filter(pk=zhou.pk).update(prospect_type="delegating")
    assign(client=zhou, employee=colleague, on=today(), reason="交接")
    assert not apps.get_model("pipeline", "OpportunityEvent")._default_manager.exists()


def owner(opportunity: Opportunity) -> int | None:
    opportunity.refresh_from_db()
    return opportunity.owner_id


def test_what_was_closed_stays_with_whom_it_was_of(
    zhou: Client, manager: Employee, colleague: Employee
) -> None:
    lost = OpportunityFactory(
        client=zhou,
        stage=Stage.objects.get(key="lost"),
        lost_reason=LostReason.objects.first(),
        closed_on=today(),
    )
    running = OpportunityFactory(client=zhou, kind="referral")
    assert owner(lost) == owner(running) == manager.pk
    assign(client=zhou, employee=colleague, on=today(), reason="离职")
    assert (owner(lost), owner(running)) == (manager.pk, colleague.pk)
    # Whoever serves the client sees both.
    assert Opportunity.objects.visible_to(colleague).count() == 2
    # Taken up again, it is of whoever takes it up.
    Opportunity.objects.filter(pk=lost.pk).update(
        state="open", stage=Stage.objects.get(key="new"), lost_reason=None, closed_on=None
    )
    assert owner(lost) == colleague.pk
