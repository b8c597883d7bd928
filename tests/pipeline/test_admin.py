"""Administration of the pipeline."""

import pytest
from django.urls import reverse

from clients.models import Client
from pipeline.models import LostReason, Stage
from staff.models import Employee
from tests.cast import Browse
from tests.factories import OpportunityFactory
from tests.forms import filled

pytestmark = pytest.mark.django_db


def test_a_stage_is_renamed_and_keeps_its_kind(administrator: Employee, browse: Browse) -> None:
    stage = Stage.objects.get(key="new")
    url = reverse("admin:pipeline_stage_change", args=[stage.pk])
    browser = browse(administrator)
    data = filled(browser.get(url)) | {"name_en": "Fresh", "kind": "won", "key": "x"}
    assert browser.post(url, data).status_code == 302
    stage.refresh_from_db()
    assert (stage.name_en, stage.kind, stage.key) == ("Fresh", "open", "new")


def test_a_second_end_of_the_same_kind_is_refused(administrator: Employee, browse: Browse) -> None:
    data = {"key": "won2", "name_zh": "又开户", "kind": "won", "position": "9", "is_active": "on"}
    answer = browse(administrator).post(reverse("admin:pipeline_stage_add"), data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors


def test_a_stage_in_use_is_not_deleted(
    zhou: Client, administrator: Employee, browse: Browse
) -> None:
    stage = OpportunityFactory(client=zhou).stage
    url = reverse("admin:pipeline_stage_delete", args=[stage.pk])
    answer = browse(administrator).post(url, {"post": "yes"})
    assert answer["Location"] == reverse("admin:pipeline_stage_change", args=[stage.pk])
    assert Stage.objects.filter(pk=stage.pk).exists()


def test_an_unused_reason_is_deleted(administrator: Employee, browse: Browse) -> None:
    reason = LostReason.objects.create(key="unused", name_zh="没用过")
    url = reverse("admin:pipeline_lostreason_delete", args=[reason.pk])
    assert browse(administrator).post(url, {"post": "yes"}).status_code == 302
    assert not LostReason.objects.filter(key="unused").exists()


def test_an_opportunity_moves_on_the_board_only(
    zhou: Client, administrator: Employee, browse: Browse
) -> None:
    opportunity = OpportunityFactory(client=zhou)
    url = reverse("admin:pipeline_opportunity_change", args=[opportunity.pk])
    opened = Stage.objects.get(key="opened")
    assert browse(administrator).post(url, {"stage": opened.pk}).status_code == 403
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "new"


def change(stage: Stage) -> str:
    return reverse("admin:pipeline_stage_change", args=[stage.pk])


@pytest.mark.parametrize("key", ["new", "opened", "lost"])
def test_a_stage_with_cards_or_the_last_of_its_sort_stays_in_use(
    zhou: Client, administrator: Employee, browse: Browse, key: str
) -> None:
    stage = OpportunityFactory(client=zhou).stage if key == "new" else Stage.objects.get(key=key)
    browser = browse(administrator)
    data = filled(browser.get(change(stage)))
    data.pop("is_active")
    answer = browser.post(change(stage), data)
    assert answer.status_code == 200
    assert "is_active" in answer.context["adminform"].form.errors
    stage.refresh_from_db()
    assert stage.is_active


def test_an_empty_stage_goes_out_of_use(administrator: Employee, browse: Browse) -> None:
    stage = Stage.objects.get(key="interested")
    browser = browse(administrator)
    data = filled(browser.get(change(stage)))
    data.pop("is_active")
    assert browser.post(change(stage), data).status_code == 302
    stage.refresh_from_db()
    assert not stage.is_active


def test_the_gates_of_a_stage_are_ticked(administrator: Employee, browse: Browse) -> None:
    stage = Stage.objects.get(key="interested")
    browser = browse(administrator)
    data = filled(browser.get(change(stage)))
    forged = {"opportunity_kind": "sale"}
    assert browser.post(change(stage), data | forged | {"gates": ["value"]}).status_code == 302
    stage.refresh_from_db()
    assert (stage.gates, stage.opportunity_kind) == (["value"], "account_opening")
    assert browser.post(change(stage), data | {"gates": ["luck"]}).status_code == 200


def test_what_is_lost_has_no_gate(administrator: Employee, browse: Browse) -> None:
    stage = Stage.objects.get(key="lost")
    browser = browse(administrator)
    data = filled(browser.get(change(stage))) | {"gates": ["value"]}
    assert browser.post(change(stage), data).status_code == 200
    stage.refresh_from_db()
    assert stage.gates == []
