"""Administration of visits: scripts in versions, plans, outcomes; confidential rows stay hidden."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from clients.models import Client, Segment
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, VisitFactory
from tests.forms import filled
from visits.models import CallbackPlan, Outcome, Script, ScriptVersion
from visits.scripts.versions import new_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def script() -> Script:
    return Script.objects.get(key="new_account")


def version_page(version: ScriptVersion | None) -> str:
    assert version is not None
    return reverse("admin:visits_scriptversion_change", args=[version.pk])


def test_a_new_version_copies_the_steps(script: Script) -> None:
    old = script.current
    assert old is not None
    new = new_version(script=script, on=date(2026, 5, 6))
    old.refresh_from_db()
    assert (old.valid_to, new.number) == (date(2026, 5, 6), old.number + 1)
    assert script.current == new
    steps = ("position", "title_zh", "prompt_en", "answer", "options_zh", "options_en")
    assert list(new.steps.values_list(*steps)) == list(old.steps.values_list(*steps))


def test_the_first_version_of_a_script_is_empty() -> None:
    script = Script.objects.create(key="fresh", name_zh="新话术")
    assert new_version(script=script).number == 1


def test_the_button_makes_a_new_version(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    url = reverse("admin:visits_script_new_version", args=[script.pk])
    browser = browse(administrator)
    assert browser.get(url).status_code == 405
    answer = browser.post(url)
    assert answer["Location"] == version_page(script.current)
    assert script.versions.count() == 2
    unknown = reverse("admin:visits_script_new_version", args=[0])
    assert browser.post(unknown).status_code == 404


def test_an_unused_version_is_edited(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    url = version_page(script.current)
    browser = browse(administrator)
    data = filled(browser.get(url))
    step = int(data["steps-0-id"])
    data |= {"steps-0-answer": "choice", "steps-0-options_zh": "是\r\n否\r\n\r\n"}
    data |= {"steps-0-options_en": "Yes\nNo"}
    answer = browser.post(url, data)
    assert answer.status_code == 302, answer.context["errors"]
    changed = script.current.steps.get(pk=step)  # type: ignore[union-attr]
    assert (changed.options_zh, changed.options_en) == (["是", "否"], ["Yes", "No"])


@pytest.mark.parametrize(
    ("chinese", "english", "field"), [("", "", "options_zh"), ("是\n否", "Yes", "options_en")]
)
def test_options_fit_together(
    script: Script,
    administrator: Employee,
    browse: Browse,
    chinese: str,
    english: str,
    field: str,
) -> None:
    url = version_page(script.current)
    browser = browse(administrator)
    data = filled(browser.get(url)) | {"steps-0-answer": "choice"}
    data |= {"steps-0-options_zh": chinese, "steps-0-options_en": english}
    answer = browser.post(url, data)
    assert answer.status_code == 200
    assert field in answer.context["inline_admin_formsets"][0].formset.forms[0].errors


def test_a_used_version_is_frozen(
    script: Script, zhang: Client, administrator: Employee, browse: Browse
) -> None:
    url = version_page(script.current)
    browser = browse(administrator)
    before = filled(browser.get(url))
    VisitFactory(client=zhang, script_version=script.current)
    assert "steps-0-prompt_zh" not in browser.get(url).content.decode()
    # A page that was open before the first visit changes nothing either.
    browser.post(url, before | {"steps-0-prompt_zh": "改"})
    assert not script.current.steps.filter(prompt_zh="改").exists()  # type: ignore[union-attr]


def test_a_branch_words_its_own_scripts_only(
    script: Script, head: Employee, branch: Branch, browse: Browse
) -> None:
    head.is_staff = True
    head.save()
    head.user_permissions.set(Permission.objects.all())
    browser = browse(head)
    url = reverse("admin:visits_script_new_version", args=[script.pk])
    assert browser.post(url).status_code == 403
    own = Script.objects.create(key="own", name_zh="本部话术", branch=branch)
    url = reverse("admin:visits_script_new_version", args=[own.pk])
    assert browser.post(url)["Location"] == version_page(own.current)
    assert "steps-TOTAL_FORMS" in browser.get(version_page(own.current)).content.decode()


class TestPlans:
    def test_it_changes_the_cadence(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        plan = CallbackPlan.objects.get(segment=segment)
        url = reverse("admin:visits_callbackplan_change", args=[plan.pk])
        browser = browse(administrator)
        data = filled(browser.get(url)) | {"every": "45", "unit": "day"}
        assert browser.post(url, data).status_code == 302
        plan.refresh_from_db()
        assert plan.valid_to == today()
        new = CallbackPlan.objects.get(segment=segment, valid_to=None)
        assert (new.every, new.unit, new.valid_from) == (45, "day", today())
        assert new.script == plan.script
        assert browser.post(url, data).status_code == 403
        history: Any = plan
        assert history.events.exists()

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"every": "0"}, "every"),
            ({"daily_capacity": "0"}, "daily_capacity"),
            ({"remind_leads": "61"}, "remind_leads"),
            ({"window_days": "400"}, "window_days"),
        ],
    )
    def test_it_refuses_what_cannot_be_planned(
        self,
        segment: Segment,
        administrator: Employee,
        browse: Browse,
        data: dict[str, str],
        field: str,
    ) -> None:
        plan = CallbackPlan.objects.get(segment=segment)
        url = reverse("admin:visits_callbackplan_change", args=[plan.pk])
        browser = browse(administrator)
        answer = browser.post(url, filled(browser.get(url)) | data)
        assert field in answer.context["adminform"].form.errors

    def test_it_refuses_a_second_plan_in_force(
        self, segment: Segment, administrator: Employee, browse: Browse
    ) -> None:
        url = reverse("admin:visits_callbackplan_add")
        browser = browse(administrator)
        data = filled(browser.get(url)) | {"segment": segment.pk}
        answer = browser.post(url, data)
        assert "segment" in answer.context["adminform"].form.errors

    def test_a_branch_plans_its_own_segments_only(
        self, segment: Segment, head: Employee, branch: Branch, browse: Browse
    ) -> None:
        head.is_staff = True
        head.save()
        head.user_permissions.set(Permission.objects.all())
        browser = browse(head)
        own = Segment.objects.create(key="own", name_zh="本部", branch=branch)
        url = reverse("admin:visits_callbackplan_add")
        data = filled(browser.get(url)) | {"every": "1"}
        refused = browser.post(url, data | {"segment": segment.pk})
        assert "segment" in refused.context["adminform"].form.errors
        assert browser.post(url, data | {"segment": own.pk}).status_code == 302
        assert own.plans.exists()


def test_confidential_rows_are_hidden_from_whom_they_concern(
    zhang: Client, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    visit = VisitFactory(client=zhang, confidential=True)
    callback = CallbackFactory(client=zhang, confidential=True)
    manager.is_staff = True
    manager.save()
    manager.user_permissions.set(Permission.objects.all())
    for row in (visit, callback):
        name = f"admin:visits_{row._meta.model_name}_change"
        url = reverse(name, args=[row.pk])
        assert browse(administrator).get(url).status_code == 200
        assert browse(manager).get(url).status_code == 404


def test_an_outcome_in_use_is_not_deleted_but_made_inactive(
    zhang: Client, administrator: Employee, browse: Browse
) -> None:
    outcome = Outcome.objects.get(key="talked")
    VisitFactory(client=zhang, outcome=outcome)
    browser = browse(administrator)
    delete = reverse("admin:visits_outcome_delete", args=[outcome.pk])
    change = reverse("admin:visits_outcome_change", args=[outcome.pk])
    assert browser.post(delete, {"post": "yes"})["Location"] == change
    data = filled(browser.get(change))
    data.pop("is_active")
    assert browser.post(change, data).status_code == 302
    outcome.refresh_from_db()
    assert not outcome.is_active
