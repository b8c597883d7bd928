"""Scripts in the product: everyone reads, heads publish new versions of what is theirs."""

from typing import Any

import pytest

from clients.models import Client, Segment
from staff.models import Branch, Employee, Role
from tests.cast import Browse
from tests.factories import EmployeeFactory, VisitFactory
from visits.models import CallbackPlan, Script, ScriptStep

pytestmark = pytest.mark.django_db


@pytest.fixture
def script() -> Script:
    return Script.objects.get(key="small_conservative", branch=None)


@pytest.fixture
def own_segment(branch: Branch, segment: Segment, script: Script) -> Segment:
    """A segment of the branch, with a plan that uses the firm's script."""
    own = Segment.objects.create(key="own", name_zh="本部客户", branch=branch, tier=3)
    CallbackPlan.objects.create(segment=own, every=1, script=script, valid_from="2026-01-01")
    return own


def steps(base: int, *prompts: str, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "base": base,
        "form-TOTAL_FORMS": len(prompts),
        "form-INITIAL_FORMS": 0,
    }
    for n, prompt in enumerate(prompts):
        data |= {f"form-{n}-title_zh": f"第{n}步", f"form-{n}-prompt_zh": prompt}
        data[f"form-{n}-answer"] = "text"
    return {**data, **more}


def test_everyone_reads_the_steps(script: Script, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    assert f'href="/scripts/{script.pk}/"' in browser.get("/scripts/").content.decode()
    page = browser.get(f"/scripts/{script.pk}/").content.decode()
    current = script.current
    assert current is not None
    for step in current.steps.all():
        assert step.prompt_zh in page or step.prompt_en in page
    assert "/edit/" not in page


def test_publishing_closes_the_old_version_and_keeps_it(
    script: Script, administrator: Employee, zhang: Client, browse: Browse
) -> None:
    old = script.current
    assert old is not None
    VisitFactory(client=zhang, script_version=old)
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", steps(1, "您好", "再见"))
    assert answer["Location"] == f"/scripts/{script.pk}/"
    new = script.current
    assert new is not None
    assert (new.number, new.steps.count()) == (2, 2)
    old.refresh_from_db()
    assert old.valid_to is not None
    assert old.steps.count() > 2


def test_two_who_publish_at_once_do_not_overwrite(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    browser = browse(administrator)
    url = f"/scripts/{script.pk}/edit/"
    assert browser.post(url, steps(1, "甲的话")).status_code == 302
    answer = browser.post(url, steps(1, "乙的话"))
    assert answer.status_code == 422
    assert "乙的话" in answer.content.decode()
    assert script.versions.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"form-0-prompt_zh": ""},
        {"form-0-title_zh": ""},
        {"form-0-answer": "choice"},
        {"form-0-answer": "shout"},
        {"form-TOTAL_FORMS": "x"},
        {"form-0-answer": "choice", "form-0-options_zh": "是\n否", "form-0-options_en": "Yes"},
    ],
)
def test_bad_steps_are_refused(
    wrong: dict[str, str], script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(1, "您好", **wrong)
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", data)
    assert answer.status_code == 422
    assert script.versions.count() == 1


def test_the_firms_scripts_are_not_a_branch_heads(
    script: Script,
    head: Employee,
    manager: Employee,
    regional_head: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    for person in (head, manager, regional_head, compliance):
        url = f"/scripts/{script.pk}/edit/"
        assert browse(person).get(url).status_code == 403
        assert browse(person).post(url, steps(1, "您好")).status_code == 403
    assert script.versions.count() == 1


def test_the_head_of_the_firm_edits_its_scripts(
    script: Script, head_office: Branch, browse: Browse
) -> None:
    chief = EmployeeFactory(branch=head_office, role=Role.REGIONAL_HEAD)
    answer = browse(chief).post(f"/scripts/{script.pk}/edit/", steps(1, "您好"))
    assert answer.status_code == 302


def test_a_branch_head_copies_for_a_segment_of_the_branch(
    script: Script, own_segment: Segment, head: Employee, stranger: Employee, browse: Browse
) -> None:
    browser = browse(head)
    url = f"/scripts/{script.pk}/copy/"
    assert browser.get(url).status_code == 405
    answer = browser.post(url, {"segment": own_segment.pk})
    copied = Script.objects.get(key=script.key, branch=own_segment.branch)
    assert answer["Location"] == f"/scripts/{copied.pk}/edit/"
    current = copied.current
    assert current is not None
    assert ScriptStep.objects.filter(version=current).count() > 3
    plan = CallbackPlan.objects.get(segment=own_segment, valid_to=None)
    assert plan.script == copied
    assert browser.post(f"/scripts/{copied.pk}/edit/", steps(1, "您好")).status_code == 302
    assert browse(stranger).get(f"/scripts/{copied.pk}/").status_code == 404


def test_only_heads_copy_and_only_for_their_own_segments(
    script: Script,
    own_segment: Segment,
    segment: Segment,
    manager: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    url = f"/scripts/{script.pk}/copy/"
    assert browse(manager).post(url, {"segment": own_segment.pk}).status_code == 403
    assert browse(head).post(url, {"segment": segment.pk}).status_code == 422
    assert browse(head).post(url, {}).status_code == 422
    assert not Script.objects.exclude(branch=None).exists()
