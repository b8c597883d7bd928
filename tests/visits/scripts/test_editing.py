"""The editor of a script: steps one by one, nothing typed is lost, faults stand at their step."""

import pytest

from staff.models import Employee
from tests.cast import Browse
from tests.visits.scripts.test_scripts import script, steps
from visits.models import Script

__all__ = ["script"]
pytestmark = pytest.mark.django_db


def titles(answer: object) -> list[str]:
    form = answer.context["form"]  # type: ignore[attr-defined]
    return [row["title_zh"].value() or "" for row in form]


@pytest.mark.parametrize(
    ("action", "after"),
    [
        ("add", ["第0步", "第1步", "第2步", ""]),
        ("up-2", ["第1步", "第0步", "第2步"]),
        ("down-2", ["第0步", "第2步", "第1步"]),
        ("up-1", ["第0步", "第1步", "第2步"]),
        ("delete-2", ["第0步", "第2步"]),
    ],
)
def test_steps_are_added_moved_and_deleted_one_by_one(
    action: str, after: list[str], script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(1, "甲", "乙", "丙", do=action)
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", data)
    assert answer.status_code == 200
    assert titles(answer) == after
    assert script.versions.count() == 1


def test_a_condition_follows_the_step_that_it_names(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    browser, url = browse(administrator), f"/scripts/{script.pk}/edit/"
    given = {"form-2-if_step": "2", "form-2-if_values": "3", "form-1-answer": "scale"}
    moved = browser.post(url, steps(1, "甲", "乙", "丙", do="up-2", **given)).context["form"]
    assert [row["if_step"].value() for row in moved] == ["", "", "1"]
    form = browser.post(url, steps(1, "甲", "乙", "丙", do="delete-2", **given)).context["form"]
    # The condition went with its step: the answers stay, and publishing says so at the step.
    assert (form[1]["if_step"].value(), form[1]["if_values"].value()) == ("", "3")
    wrong = browser.post(url, steps(1, "甲", "丙", **{"form-1-if_values": "3"}))
    assert wrong.status_code == 422
    assert wrong.context["form"][1].non_field_errors()
    assert not wrong.context["form"][0].non_field_errors()


@pytest.mark.parametrize(
    "action", ["delete-9", "up-0", "down-x", "delete-", "sideways-1", "x" * 500]
)
def test_a_step_that_is_not_there_is_a_sentence_and_loses_nothing(
    action: str, script: Script, administrator: Employee, browse: Browse
) -> None:
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", steps(1, "甲", do=action))
    assert answer.status_code == 409
    assert titles(answer) == ["第0步"]
    assert answer.context["refused"]


def test_a_step_deleted_in_two_tabs_loses_nothing(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    browser, url = browse(administrator), f"/scripts/{script.pk}/edit/"
    assert browser.post(url, steps(1, "甲", "丙")).status_code == 302
    # The other tab still has three steps, deletes one and publishes.
    kept = browser.post(url, steps(1, "甲", "乙", "丙", do="delete-1"))
    assert titles(kept) == ["第1步", "第2步"]
    answer = browser.post(url, steps(1, "乙", "丙"))
    assert answer.status_code == 409
    assert titles(answer) == ["第0步", "第1步"]
    assert script.current is not None
    assert script.current.number == 2


def test_a_script_takes_twenty_steps_at_most(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(1, *["甲"] * 20, do="add")
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", data)
    assert answer.status_code == 409
    assert len(titles(answer)) == 20


def test_a_banned_phrase_stands_at_its_step(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(1, "您好", "这只产品100%保本")
    answer = browse(administrator).post(f"/scripts/{script.pk}/edit/", data)
    assert answer.status_code == 422
    at = [bool(row.non_field_errors()) for row in answer.context["form"]]
    assert at == [False, True]


def test_the_preview_is_a_fragment_of_what_is_typed(
    script: Script, administrator: Employee, browse: Browse
) -> None:
    data = steps(
        1, "{greeting}，您好吗", preview="1", **{"form-0-answer": "none", "form-0-kind": "?"}
    )
    answer = browse(administrator).post(
        f"/scripts/{script.pk}/edit/", data, headers={"HX-Request": "true", "HX-Target": "preview"}
    )
    page = answer.content.decode()
    assert "您好吗" in page
    assert "<form" not in page
    assert script.versions.count() == 1


def test_only_who_may_change_the_script_uses_its_editor(
    script: Script, manager: Employee, compliance: Employee, administrator: Employee, browse: Browse
) -> None:
    url = f"/scripts/{script.pk}/edit/"
    for person in (manager, compliance):
        assert browse(person).post(url, steps(1, "甲", do="add")).status_code == 403
    assert browse(administrator).put(url).status_code == 405
    assert browse(administrator).post("/scripts/999999/edit/", steps(1, "甲")).status_code == 404
