"""Scripts in the product: everyone reads, heads publish new versions of what is theirs."""

from typing import Any

import pytest

from clients.models import Client, Segment
from staff.models import Branch, Employee, Role
from tests.cast import Browse
from tests.factories import CallbackFactory, EmployeeFactory, VisitFactory
from visits.models import CallbackPlan, Script, ScriptStep
from visits.scripts.selectors import script_version
from visits.scripts.validation import check_steps
from visits.scripts.versions import STEP_COLUMNS

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
    assert "{greeting}" not in page
    assert manager.get_full_name() in page
    for step in current.steps.exclude(kind="greeting"):
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
    assert answer.status_code == 409
    assert "乙的话" in answer.content.decode()
    assert script.versions.count() == 2
    # Who has read what came meanwhile may publish over it.
    again = steps(int(answer.context["base"]), "乙的话")
    assert browser.post(url, again).status_code == 302
    assert script.versions.count() == 3


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


@pytest.mark.parametrize("said", ["稳赚不赔", "保 证-收益", "ＲＩＳＫ－ｆｒｅｅ", "可以帮您下单"])
def test_a_banned_phrase_is_named_and_not_published(
    said: str, script: Script, administrator: Employee, browse: Browse
) -> None:
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", steps(1, said))
    assert answer.status_code == 422
    assert answer.context["refused"]
    assert script.versions.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"form-1-if_step": "2", "form-1-if_values": "是"},  # itself
        {"form-1-if_step": "1"},  # no answers
        {"form-1-if_step": "1", "form-1-if_values": "也许"},  # none of its answers
        {"form-1-if_values": "是"},  # after which?
        {"form-0-if_step": "2", "form-0-if_values": "3"},  # a later one
        {"form-1-prompt_zh": "您好{name}"},
        {"form-0-flags": "也许"},
        {"form-0-answer": "none", "form-1-answer": "none"},
    ],
)
def test_branches_lead_from_earlier_answers_only(
    wrong: dict[str, str], script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(
        1, "亏了吗", "亏在哪里", **{"form-0-answer": "choice", "form-0-options_zh": "是\n否"}
    )
    url = f"/scripts/{script.pk}/edit/"
    answer = browse(administrator).post(url, {**data, **wrong})
    assert answer.status_code == 422
    right = {"form-1-if_step": "1", "form-1-if_values": "是"}
    assert browse(administrator).post(url, {**data, **right}).status_code == 302
    current = script.current
    assert current is not None
    assert list(current.steps.values_list("if_step", "if_values"))[1] == (1, ["是"])


def test_a_preview_shows_a_sample_greeting_and_publishes_nothing(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(1, "{greeting}，您好吗", preview="1")
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", data)
    assert answer.status_code == 200
    assert f"{answer.context['hello']}，您好吗" in answer.content.decode()
    assert script.versions.count() == 1


def test_a_branchs_copy_takes_the_place_of_the_firms(
    script: Script, head: Employee, zhang: Client, browse: Browse
) -> None:
    row = CallbackFactory(client=zhang, kind="birthday")
    for callback, key in ((None, script.key), (row, "birthday")):
        firm = Script.objects.get(key=key, branch=None)
        before = script_version(zhang, callback)
        assert before is not None
        assert before.script == firm
        data = {"branch": head.branch_id}
        assert browse(head).post(f"/scripts/{firm.pk}/copy/", data).status_code == 302
        after = script_version(zhang, callback)
        assert after is not None
        assert (after.script.key, after.script.branch) == (key, head.branch)


def test_every_script_that_ships_keeps_its_own_rules() -> None:
    shipped = list(Script.objects.all())
    assert {script.purpose for script in shipped} == set(Script.Purpose.values)
    for script in shipped:
        current = script.current
        assert current is not None
        rows = list(current.steps.order_by("position").values(*STEP_COLUMNS))
        check_steps(rows, None)
        assert all(row["prompt_en"] and row["title_en"] for row in rows)
    compliance = Script.objects.get(key="compliance").current
    assert compliance is not None
    assert compliance.steps.exclude(flags=[]).count() == 5


NEW = "/scripts/new/"


def test_a_head_writes_a_script_from_nothing(
    head: Employee, branch: Branch, browse: Browse
) -> None:
    browser = browse(head)
    assert NEW in browser.get("/scripts/").content.decode()
    given = {"name_zh": "新股申购提醒", "name_en": "", "purpose": "occasion", "segment": ""}
    answer = browser.post(NEW, given)
    made = Script.objects.get(name_zh="新股申购提醒")
    assert answer["Location"] == f"/scripts/{made.pk}/edit/"
    assert (made.branch, made.purpose, made.segment) == (branch, "occasion", None)
    # It says that nobody speaks it yet; the same name again is another script.
    assert "尚未编写步骤" in browser.get(f"/scripts/{made.pk}/").content.decode()
    assert browser.post(NEW, given).status_code == 302
    assert Script.objects.filter(name_zh="新股申购提醒").count() == 2


def test_a_script_says_for_whom_it_is(head: Employee, browse: Browse) -> None:
    plan = CallbackPlan.objects.filter(valid_to=None).exclude(script=None)[0]
    page = browse(head).get(f"/scripts/{plan.script_id}/").content.decode()
    assert "适用客户" in page
    assert str(plan.segment) in page


def test_for_whom_a_script_is_names_no_segment_of_elsewhere(
    head: Employee, own_segment: Segment, other_branch: Branch, script: Script, browse: Browse
) -> None:
    far = Segment.objects.create(key="far", name_zh="外部门客户", branch=other_branch, tier=3)
    CallbackPlan.objects.create(segment=far, every=1, script=script, valid_from="2026-01-01")
    browser = browse(head)
    for address in ("/scripts/", f"/scripts/{script.pk}/"):
        page = browser.get(address).content.decode()
        assert own_segment.name_zh in page, address
        assert far.name_zh not in page, address


def test_the_list_says_for_which_segment_a_script_of_a_purpose_is(
    head: Employee, branch: Branch, browse: Browse
) -> None:
    own = Segment.objects.create(key="own", name_zh="本部客户", branch=branch, tier=3)
    given = {"name_zh": "申购", "name_en": "", "purpose": "occasion", "segment": own.pk}
    browser = browse(head)
    assert browser.post(NEW, given).status_code == 302
    assert own.name_zh in browser.get("/scripts/").content.decode()


def test_a_plan_takes_no_script_without_steps(
    head: Employee, own_segment: Segment, branch: Branch, browse: Browse
) -> None:
    bare = Script.objects.create(key="bare", name_zh="空白", branch=branch, purpose="regular")
    browser, url = browse(head), f"/plans/{own_segment.pk}/"
    offered = browser.get(url).context["form"].fields["script"].queryset
    assert bare not in offered
    # One that is chosen already stays, so that the rest of its plan can be changed.
    CallbackPlan.objects.filter(segment=own_segment, valid_to=None).update(script=bare)
    assert bare in browser.get(url).context["form"].fields["script"].queryset
    CallbackPlan.objects.filter(segment=own_segment, valid_to=None).update(script=None)
    publish = steps(0, "您好，请问最近交易是否顺利？")
    publish |= {"base": "", "publish": "1"}
    assert browser.post(f"/scripts/{bare.pk}/edit/", publish).status_code == 302
    assert bare in browser.get(url).context["form"].fields["script"].queryset


@pytest.mark.parametrize("given", [{}, {"name_zh": "x", "purpose": "compliance"}])
def test_a_script_without_a_name_or_of_compliance_is_refused(
    head: Employee, browse: Browse, given: dict[str, str]
) -> None:
    before = Script.objects.count()
    assert browse(head).post(NEW, given).status_code == 422
    assert Script.objects.count() == before


@pytest.mark.parametrize("person", ["manager", "compliance", "operations"])
def test_only_heads_write_scripts(
    person: str, browse: Browse, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(person))
    assert NEW not in browser.get("/scripts/").content.decode()
    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, {"name_zh": "x", "purpose": "regular"}).status_code == 403
