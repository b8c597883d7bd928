"""Which number of the rules is in force: of which branch, from when to when."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm.policies import MissingPolicy, PolicyDefinition, meaning, registry, unit_words
from pipeline.ranking.policies import MIN_EACH
from staff import policies
from staff.models import Branch, Employee, Policy
from tests.cast import Browse
from visits.planning.policies import CAPACITY, GAP_DAYS

pytestmark = pytest.mark.django_db

KEY = "calls_a_day"
DAY = date(2026, 6, 10)


def write(value: int, branch: Branch | None = None, **period: date) -> None:
    Policy.objects.create(
        key=KEY, value=value, unit="calls", branch=branch, **{"valid_from": DAY, **period}
    )


def set_number(policy: PolicyDefinition, value: int, branch: Branch | None = None) -> None:
    """The row in force of a declared number, of a branch or in place of the firm's."""
    Policy.objects.filter(key=policy.key, branch=branch).delete()
    Policy.objects.create(
        key=policy.key, value=value, unit=policy.unit, branch=branch, valid_from=DAY
    )


def number(branch: Branch | None = None) -> Decimal:
    return Policy.objects.number(KEY, on=DAY, branch=branch, default=7)


def test_it_falls_back_where_nothing_was_ruled(branch: Branch) -> None:
    assert number() == number(branch) == 7


def test_it_takes_the_nearest_branch_above(
    head_office: Branch, company: Branch, branch: Branch, other_branch: Branch
) -> None:
    write(1)
    write(3, branch)
    write(2, company)
    assert number() == number(head_office) == 1
    assert number(company) == number(other_branch) == 2
    assert number(branch) == 3


def test_it_heeds_the_first_day_and_not_the_last(branch: Branch) -> None:
    write(1, valid_from=date(2026, 6, 1), valid_to=DAY)
    assert number() == 7
    write(2)
    assert number() == 2
    write(3, branch, valid_from=date(2026, 6, 11))
    assert number(branch) == 2


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_number_that_ships_says_what_it_decides(language: str) -> None:
    with translation.override(language):
        for policy in Policy.objects.all():
            said, unit = meaning(policy.key), unit_words(policy.unit)
            assert said != policy.key, policy.key
            assert unit != policy.unit or language == "en", policy.unit
            if language == "zh-hans":
                assert re.search(r"[\u4e00-\u9fff]", said), policy.key


def test_a_number_of_the_firms_own_stands_by_its_key() -> None:
    assert meaning("house_rule") == "house_rule"
    assert unit_words("pigeons") == "pigeons"


def test_it_ships_a_row_for_every_declared_number_and_no_other() -> None:
    ships = {
        policy.key: (Decimal(policy.default), policy.unit, policy.citation, policy.verified)
        for policy in registry
    }
    rows = {
        row.key: (row.value, row.unit, row.citation, row.status == Policy.Status.VERIFIED)
        for row in Policy.objects.filter(branch=None, valid_to=None)
    }
    assert rows == ships


def test_every_default_lies_within_its_bounds() -> None:
    for policy in registry:
        assert policy.least <= policy.default <= policy.most, policy.key
        if policy.type in ("yes_no", "hour"):
            assert (policy.least, policy.most) == {"yes_no": (0, 1), "hour": (0, 24)}[policy.type]


def test_it_reads_one_number_and_many_alike(
    head_office: Branch, company: Branch, branch: Branch, other_branch: Branch
) -> None:
    set_number(GAP_DAYS, 9, company)
    set_number(GAP_DAYS, 3, branch)
    set_number(CAPACITY, 40)
    for place in (None, head_office, company, branch, other_branch):
        with CaptureQueriesContext(connection) as captured:
            many = policies.numbers([GAP_DAYS, CAPACITY], on=DAY, branch=place)
        assert len(captured) == 1
        for policy in (GAP_DAYS, CAPACITY):
            assert many[policy.key] == policies.number(policy, on=DAY, branch=place)
    assert policies.by_branch({"gap": GAP_DAYS}, on=DAY) == {
        "gap_paths": ["/", company.path, branch.path],
        "gap_values": [5, 9, 3],
    }


def test_a_number_of_the_firm_takes_no_row_of_a_branch(branch: Branch) -> None:
    set_number(MIN_EACH, 1, branch)
    assert policies.number(MIN_EACH, on=DAY, branch=branch) == 50
    assert policies.numbers([MIN_EACH], on=DAY, branch=branch) == {MIN_EACH.key: 50}


@pytest.mark.parametrize("without_row", ["default", "nothing", "refusal"])
def test_it_says_what_holds_without_a_row(without_row: Any) -> None:
    policy = PolicyDefinition("pigeons", "integer", "days", 7, "Pigeons", without_row=without_row)
    registry.register(policy)
    try:
        if without_row == "default":
            assert policies.number(policy, on=DAY) == 7
        else:
            assert policies.find(policy, on=DAY) is None
            assert policies.numbers([policy], on=DAY) == {"pigeons": None}
            with pytest.raises(MissingPolicy, match="pigeons"):
                policies.number(policy, on=DAY)
    finally:
        registry.unregister("pigeons")
    with pytest.raises(KeyError, match="pigeons"):
        policies.number(policy, on=DAY)


def test_the_administration_says_what_a_number_may_be(
    administrator: Employee, browse: Browse
) -> None:
    browser = browse(administrator)
    row = Policy.objects.get(key=CAPACITY.key)
    page = browser.get(f"/admin/staff/policy/{row.pk}/change/")
    said = page.context["adminform"].form.fields["value"].help_text
    assert "1000" in said
    assert said in page.content.decode()


ADD = "/admin/staff/policy/add/"


def version(**changed: object) -> dict[str, object]:
    return {
        "key": CAPACITY.key,
        "value": "25",
        "valid_from": "2026-07-01",
        "citation": "公司规定",
        "status": "verified",
        **changed,
    }


def test_a_new_version_ends_the_one_in_force(administrator: Employee, browse: Browse) -> None:
    old = Policy.objects.get(key=CAPACITY.key)
    browser = browse(administrator)
    assert browser.post(ADD, version()).status_code == 302
    old.refresh_from_db()
    new = Policy.objects.get(key=CAPACITY.key, valid_to=None)
    assert (int(new.value), new.unit, new.valid_from) == (25, CAPACITY.unit, date(2026, 7, 1))
    assert (old.valid_to, old.last_day) == (date(2026, 7, 1), date(2026, 6, 30))
    # Not before the one in force began, and nothing is half-written.
    answer = browser.post(ADD, version(valid_from="2026-07-01", value="26"))
    assert answer.status_code == 200
    assert "policy_one_open" not in answer.content.decode()
    assert Policy.objects.filter(key=CAPACITY.key).count() == 2


def test_the_last_day_is_one_on_which_it_holds(administrator: Employee, browse: Browse) -> None:
    row = Policy.objects.get(key=CAPACITY.key)
    browser = browse(administrator)
    url = f"/admin/staff/policy/{row.pk}/change/"
    given = version(value="20", valid_from=row.valid_from.isoformat(), last_day="2026-12-31")
    assert browser.post(url, given).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == date(2027, 1, 1)
    assert Policy.objects.in_force(row.key, on=date(2026, 12, 31)) == row
    assert Policy.objects.in_force(row.key, on=date(2027, 1, 1)) is None
    form = browser.get(url).context["adminform"].form
    assert form.initial["last_day"] == date(2026, 12, 31)


def test_a_new_version_ends_one_that_had_an_end(administrator: Employee, browse: Browse) -> None:
    old = Policy.objects.get(key=CAPACITY.key)
    Policy.objects.filter(pk=old.pk).update(valid_to=date(2027, 1, 1))
    assert browse(administrator).post(ADD, version()).status_code == 302
    old.refresh_from_db()
    assert old.valid_to == date(2026, 7, 1)


@pytest.mark.parametrize("last_day", ["", "2026-12-31", "2026-07-01"])
def test_an_ended_version_does_not_run_into_the_next(
    administrator: Employee, browse: Browse, last_day: str
) -> None:
    old = Policy.objects.get(key=CAPACITY.key)
    browser = browse(administrator)
    assert browser.post(ADD, version()).status_code == 302
    url = f"/admin/staff/policy/{old.pk}/change/"
    given = version(valid_from=old.valid_from.isoformat(), last_day=last_day)
    answer = browser.post(url, given)
    assert answer.status_code == 200
    assert "last_day" in answer.context["adminform"].form.errors
    old.refresh_from_db()
    assert old.last_day == date(2026, 6, 30)
    # Nor is one put before a version that is planned already, unless it ends first.
    assert browser.post(ADD, version(valid_from="2026-05-01")).status_code == 200
    between = version(valid_from="2026-05-01", last_day="2026-06-30")
    assert browser.post(ADD, between).status_code == 302
    old.refresh_from_db()
    assert old.last_day == date(2026, 4, 30)


def test_versions_that_met_already_may_be_made_shorter(
    administrator: Employee, browse: Browse
) -> None:
    old = Policy.objects.get(key=CAPACITY.key)
    browser = browse(administrator)
    assert browser.post(ADD, version()).status_code == 302
    Policy.objects.filter(pk=old.pk).update(valid_to=date(2027, 1, 1))
    given = version(valid_from=old.valid_from.isoformat(), last_day="2026-08-31")
    assert browser.post(f"/admin/staff/policy/{old.pk}/change/", given).status_code == 302
    old.refresh_from_db()
    assert old.valid_to == date(2026, 9, 1)


def test_the_history_of_a_policy_speaks_as_its_page_does(
    administrator: Employee, browse: Browse
) -> None:
    old = Policy.objects.get(key=CAPACITY.key)
    browser = browse(administrator)
    assert browser.post(ADD, version()).status_code == 302
    Policy.objects.filter(pk=old.pk).update(value=3)
    events: Any = Policy._meta.get_field("events").related_model
    event = events.objects.latest("pgh_id")
    page = browser.get(f"/admin/staff/policyevent/{event.pk}/change/").content.decode()
    assert CAPACITY.key not in page
    assert str(CAPACITY.meaning) in page
    assert "2026年6月30日" in page
    assert "2026年7月1日" not in page


def test_keys_are_chosen_and_never_shown(administrator: Employee, browse: Browse) -> None:
    browser = browse(administrator)
    assert browser.post(ADD, version(key="callback_capacity")).status_code == 200
    assert not Policy.objects.filter(key="callback_capacity").exists()
    row = Policy.objects.get(key=CAPACITY.key)
    page = browser.get(f"/admin/staff/policy/{row.pk}/change/").content.decode()
    assert str(row) == str(CAPACITY.meaning) in page
    assert f">{row.key}<" not in page


def test_no_constraint_is_told_by_its_name(administrator: Employee) -> None:
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            assert "%(name)s" not in str(constraint.violation_error_message)
            assert constraint.name not in constraint.get_violation_error_message()


def test_only_the_reader_reads_rows() -> None:
    """Which row is in force is decided in one place."""
    readers = set()
    for room in ("crm", "clients", "visits", "pipeline", "compliance", "dashboards", "staff"):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            text = path.read_text()
            reads = "Policy.objects" in text or "staff_policy p" in text
            if reads and "migrations" not in path.parts:
                readers.add(str(path.relative_to(settings.BASE_DIR)))
    assert readers == {"staff/policies.py"}
