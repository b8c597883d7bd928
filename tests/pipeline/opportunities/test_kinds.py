"""Kinds of opportunity: who may have which, their stages, and what follows when one is won."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clients.models import Assignment, Client
from crm.operations import ClientsMerged
from crm.trading_days import today
from pipeline.integration.operations import join_opportunities
from pipeline.models import Competitor, LostReason, Opportunity, OpportunityKind, Stage
from pipeline.opportunities.services import create_opportunity, move, update_opportunity
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, OpportunityFactory, assess_all

pytestmark = pytest.mark.django_db


def stage(key: str) -> Stage:
    return Stage.objects.get(key=key)


def won(kind: str, client: Client, by: Employee, **more: Any) -> Opportunity:
    row = assess_all(OpportunityFactory(client=client, kind=kind))
    end = Stage.objects.of(kind).get(kind="won")
    return move(opportunity=row, stage=end, by=by, version=1, **more)


@pytest.mark.parametrize("kind", OpportunityKind.values)
def test_each_kind_has_its_way(kind: str) -> None:
    kinds = list(Stage.objects.of(kind).values_list("kind", flat=True))
    assert kinds[:-2] == ["open"] * (len(kinds) - 2)
    assert len(kinds) > 4
    assert kinds[-2:] == ["won", "lost"]
    for row in Stage.objects.of(kind):
        assert row.name_zh
        assert row.name_en


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("custody_transfer", "transfer_new"),
        ("sale", "sale_need"),
        ("reactivation", "wake_listed"),
        ("referral", "referral_ask"),
    ],
)
def test_it_starts_in_the_first_stage_of_its_kind(
    zhang: Client, manager: Employee, kind: str, first: str
) -> None:
    assert create_opportunity(client=zhang, by=manager, kind=kind).stage.key == first


@pytest.mark.parametrize("kind", ["custody_transfer", "sale", "reactivation"])
def test_a_prospect_has_no_second_development(zhou: Client, manager: Employee, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create_opportunity(client=zhou, by=manager, kind=kind)
    assert "kind" in refused.value.message_dict
    assert not Opportunity.objects.exists()


def test_kinds_go_on_side_by_side(zhang: Client, manager: Employee) -> None:
    for kind in ("sale", "referral"):
        create_opportunity(client=zhang, by=manager, kind=kind)
    with pytest.raises(ValidationError):
        create_opportunity(client=zhang, by=manager, kind="sale")
    assert Opportunity.objects.count() == 2


@pytest.mark.parametrize("lifecycle", ["closed", "client"])
def test_closed_or_merged_starts_nothing(zhang: Client, manager: Employee, lifecycle: str) -> None:
    merged = None if lifecycle == "closed" else ClientFactory(manager=manager).pk
    values = {"lifecycle": lifecycle, "merged_into": merged}
    Client.objects.filter(pk=zhang.pk).update(**values)
    with pytest.raises(ValidationError):
        create_opportunity(client=zhang, by=manager, kind="sale")


def test_a_stage_of_another_kind_is_refused(
    browse: Browse, zhang: Client, manager: Employee
) -> None:
    row = create_opportunity(client=zhang, by=manager, kind="sale")
    with pytest.raises(ValidationError):
        move(opportunity=row, stage=stage("contacted"), by=manager, version=1)
    with pytest.raises(ValidationError):
        create_opportunity(client=zhang, by=manager, kind="referral", stage=stage("sale_need"))
    page = f"/pipeline/{row.public_id}/move/"
    browser = browse(manager)
    assert browser.post(page, {"stage": "contacted", "version": 1}).status_code == 422
    assert browser.get(page, {"stage": "contacted"}).status_code == 404
    row.refresh_from_db()
    assert row.stage.key == "sale_need"


@pytest.mark.parametrize("values", [{"kind": "sale"}, {"state": "won", "closed_on": "2026-01-01"}])
def test_the_database_holds_kind_and_state_to_the_stage(
    zhou: Client, values: dict[str, str]
) -> None:
    row = OpportunityFactory(client=zhou)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("values", [{"opportunity_kind": "sale"}, {"kind": "won"}])
def test_neither_kind_of_a_stage_changes_under_its_cards(
    zhou: Client, values: dict[str, str]
) -> None:
    row = OpportunityFactory(client=zhou)
    Stage.objects.filter(key="opened").delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.filter(pk=row.stage_id).update(**values)


@pytest.mark.parametrize(("kind", "cause"), [("custody_transfer", "custody"), ("sale", "purchase")])
def test_what_is_won_makes_an_occasion_and_its_call(
    zhang: Client, manager: Employee, kind: str, cause: str
) -> None:
    yesterday = today() - timedelta(days=1)
    row = won(kind, zhang, manager, opened_on=yesterday)
    noted = zhang.occasions.get()
    assert (noted.kind, noted.happened_on, noted.noted_by) == (cause, yesterday, manager)
    # Open by itself, or merged into a call that is due anyway.
    call = zhang.callbacks.get(occurrence=f"occasion:{noted.pk}")
    assert (call.kind, call.status in {"open", "merged"}) == (cause, True)
    assert row.state == "won"


@pytest.mark.parametrize("kind", ["reactivation", "referral"])
def test_a_reactivation_and_a_referral_are_followed_by_a_call(
    zhang: Client, manager: Employee, kind: str
) -> None:
    won(kind, zhang, manager)
    call = zhang.callbacks.get(kind="manual")
    assert (call.employee, call.status) == (manager, "open")
    assert call.due_on > today()


@pytest.mark.parametrize("days", [1, -366])
def test_a_purchase_of_another_year_or_to_come_is_refused(
    zhang: Client, manager: Employee, days: int
) -> None:
    Client.objects.filter(pk=zhang.pk).update(recorded_on=today() - timedelta(days=999))
    zhang.refresh_from_db()
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        won("sale", zhang, manager, opened_on=today() + timedelta(days=days))
    assert "opened_on" in refused.value.message_dict
    assert not zhang.occasions.exists()


def test_the_account_is_won_by_whoever_serves_the_prospect(
    zhou: Client, manager: Employee, head: Employee
) -> None:
    won("account_opening", zhou, head)
    credit = Assignment.objects.get(client=zhou, kind="developed")
    assert (credit.employee, credit.valid_from) == (manager, today())


def test_a_loss_keeps_the_competitor(browse: Browse, zhou: Client, manager: Employee) -> None:
    row = OpportunityFactory(client=zhou)
    data = {
        "stage": "lost",
        "version": 1,
        "lost_reason": LostReason.objects.get(key="other_firm").pk,
        "competitor": Competitor.objects.get(key="bank").pk,
    }
    assert browse(manager).post(f"/pipeline/{row.public_id}/move/", data).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.competitor and row.competitor.key) == ("lost", "bank")


def test_a_reason_of_another_kind_is_refused(
    browse: Browse, zhou: Client, manager: Employee
) -> None:
    row = OpportunityFactory(client=zhou)
    reason = LostReason.objects.get(key="product_risk")
    data = {"stage": "lost", "version": 1, "lost_reason": reason.pk}
    assert browse(manager).post(f"/pipeline/{row.public_id}/move/", data).status_code == 422
    with pytest.raises(ValidationError):
        move(opportunity=row, stage=stage("lost"), by=manager, version=1, lost_reason=reason)
    row.refresh_from_db()
    assert row.state == "open"


def test_an_amount_below_nothing_is_refused(zhou: Client, manager: Employee) -> None:
    with pytest.raises(ValidationError):
        create_opportunity(client=zhou, by=manager, amount=-1)  # type: ignore[arg-type]
    row = OpportunityFactory(client=zhou)
    expected: dict[str, Any] = {"expected_on": None, "next_step": "", "next_step_on": None}
    with pytest.raises(ValidationError):
        update_opportunity(opportunity=row, version=1, amount=-1, **expected)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.update(amount=-1)


def test_a_gap_is_what_has_no_next_step_or_no_day(manager: Employee) -> None:
    none, no_day, whole = (
        OpportunityFactory(client__manager=manager, next_step=step, next_step_on=day)
        for step, day in (("", None), ("x", None), ("x", today()))
    )
    lost = OpportunityFactory(
        client__manager=manager,
        stage=stage("lost"),
        closed_on=today(),
        lost_reason=LostReason.objects.get(key="no_funds"),
    )
    assert set(Opportunity.objects.without_next_step()) == {none, no_day}
    assert [row.lacks_next_step for row in (none, no_day, whole, lost)] == [
        True,
        True,
        False,
        False,
    ]


def test_the_file_names_the_gap(browse: Browse, zhou: Client, manager: Employee) -> None:
    row = OpportunityFactory(client=zhou)
    browser = browse(manager)
    text = browser.get(row.get_absolute_url()).content.decode()
    assert text.count("/edit/") == 2
    Opportunity.objects.update(next_step="x", next_step_on=today())
    assert browser.get(row.get_absolute_url()).content.decode().count("/edit/") == 1


def test_the_second_mover_hears_who_moved_it_where(
    browse: Browse, zhou: Client, manager: Employee, head: Employee
) -> None:
    row = OpportunityFactory(client=zhou)
    move(opportunity=row, stage=stage("interested"), by=head, version=1)
    page = f"/pipeline/{row.public_id}/move/"
    answer = browse(manager).post(page, {"stage": "contacted", "version": 1})
    assert answer.status_code == 409
    [said] = answer.context["form"].non_field_errors()
    assert head.full_name in said
    assert str(stage("interested")) in said


def test_the_second_editor_hears_who_changed_it(
    browse: Browse, zhou: Client, manager: Employee, head: Employee
) -> None:
    row = OpportunityFactory(client=zhou)
    page = f"/pipeline/{row.public_id}/edit/"
    browse(head).post(page, {"version": 1, "amount": "5"})
    [said] = browse(manager).post(page, {"version": 1}).context["form"].non_field_errors()
    assert head.full_name in said


def test_a_merge_of_two_in_progress_waits_for_a_person(manager: Employee) -> None:
    first, second = (
        OpportunityFactory(client=ClientFactory(manager=manager), kind="sale") for _ in range(2)
    )
    event = ClientsMerged(survivor=first.client, merged=second.client, moved={}, by=manager)
    with pytest.raises(ValidationError):
        join_opportunities(event)
    move(
        opportunity=second,
        stage=stage("sale_lost"),
        by=manager,
        version=1,
        lost_reason=LostReason.objects.get(key="no_funds"),
    )
    join_opportunities(event)
    assert first.client.opportunities.count() == 2
