"""Edit in place: one row is saved alone, and only a change of the same row is a conflict."""

from typing import Any

import pytest

from clients.file.rows import ROWS
from clients.models import Client, ClientTag, Tag
from crm.operations import client_saved
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
VALUES = {
    "hours": {"call_from": "15:00", "call_until": "17:30"},
    "contact_note": {"contact_note": "先发微信"},
    "income_level": {"income_level": "high"},
    "investment_size": {"investment_size": "large"},
    "investment_style": {"investment_style": "aggressive"},
    "prospect_type": {"prospect_type": "advisory"},
    "tags": {"tags": "老客户、爱喝茶"},
    "notes": {"notes": "喜欢下午接电话\n不要发短信"},
}
SHOWN = {
    "hours": "15:00–17:30",
    "income_level": "50 万元以上",
    "investment_style": "进取型",
    "tags": "爱喝茶、老客户",
}


@pytest.fixture
def chinese(manager: Employee) -> Employee:
    Employee.objects.filter(pk=manager.pk).update(language="zh-hans")
    return manager


def url_of(client: Client, key: str) -> str:
    return f"{client.get_absolute_url()}rows/{key}/"


def seen(browse: Browse, person: Employee, client: Client, key: str) -> str:
    form = browse(person).get(url_of(client, key), headers=HTMX).context["form"]
    return str(form.initial["seen"])


def send(browse: Browse, person: Employee, client: Client, key: str, **data: Any) -> Any:
    return browse(person).post(url_of(client, key), data, headers=HTMX)


@pytest.mark.parametrize("key", ROWS)
def test_each_row_is_saved_alone_and_comes_back(
    zhang: Client, chinese: Employee, browse: Browse, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(type(client_saved), "run", lambda _self, event: ran.append(event))
    before: dict[str, Any] = {**Client.objects.values().get(pk=zhang.pk)}
    mark = seen(browse, chinese, zhang, key)
    answer = send(browse, chinese, zhang, key, seen=mark, **VALUES[key])
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'id="row-{key}"' in page
    assert "<form" not in page
    assert SHOWN.get(key, "") in page
    after: dict[str, Any] = {**Client.objects.values().get(pk=zhang.pk)}
    changed = {name for name in after if after[name] != before[name]}
    follows = {"version", "updated_at", "segment_id", "segment_since", "search"}
    assert changed - follows == set(ROWS[key].fields)
    if key != "tags":
        assert [event.client.pk for event in ran] == [zhang.pk]
        assert after["version"] == before["version"] + 1


def test_the_history_keeps_what_it_was(zhang: Client, chinese: Employee, browse: Browse) -> None:
    mark = seen(browse, chinese, zhang, "notes")
    send(browse, chinese, zhang, "notes", seen=mark, notes="喜欢下午接电话")
    entries = (
        browse(chinese).get(f"{zhang.get_absolute_url()}timeline/?kind=change").context["entries"]
    )
    assert "喜欢下午接电话" in entries[0].text


def test_a_row_that_somebody_changed_meanwhile_is_a_conflict_and_nothing_is_lost(
    zhang: Client, chinese: Employee, head: Employee, browse: Browse
) -> None:
    mark = seen(browse, chinese, zhang, "investment_style")
    theirs = seen(browse, head, zhang, "investment_style")
    send(browse, head, zhang, "investment_style", seen=theirs, investment_style="balanced")
    answer = send(
        browse, chinese, zhang, "investment_style", seen=mark, investment_style="aggressive"
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f"{head.full_name}已将此项改为：平衡型" in page
    assert '<option value="aggressive" selected>' in page
    zhang.refresh_from_db()
    assert zhang.investment_style == "balanced"
    again = answer.context["form"].data["seen"]
    saved = send(
        browse, chinese, zhang, "investment_style", seen=again, investment_style="aggressive"
    )
    assert saved.status_code == 200
    zhang.refresh_from_db()
    assert zhang.investment_style == "aggressive"


def test_another_row_that_changed_is_no_conflict(
    zhang: Client, chinese: Employee, head: Employee, browse: Browse
) -> None:
    mark = seen(browse, chinese, zhang, "notes")
    theirs = seen(browse, head, zhang, "income_level")
    assert (
        send(browse, head, zhang, "income_level", seen=theirs, income_level="high").status_code
        == 200
    )
    assert send(browse, chinese, zhang, "notes", seen=mark, notes="好").status_code == 200
    zhang.refresh_from_db()
    assert (zhang.income_level, zhang.notes) == ("high", "好")


@pytest.mark.parametrize(
    ("key", "data", "sentence"),
    [
        (
            "hours",
            {"call_from": "17:00", "call_until": "15:00"},
            "请同时填写起止时间，结束时间须晚于开始时间。",
        ),
        (
            "hours",
            {"call_from": "17:00", "call_until": ""},
            "请同时填写起止时间，结束时间须晚于开始时间。",
        ),
        ("hours", {"call_from": "25:99", "call_until": "26:00"}, ""),
        ("income_level", {"income_level": "enormous"}, ""),
        ("contact_note", {"contact_note": "长" * 201}, ""),
        ("notes", {"notes": "a\x00b"}, ""),
        ("tags", {"tags": "长" * 31}, "标签最多 30 个字"),
        ("tags", {"tags": "、".join(map(str, range(21)))}, "最多 20 个标签"),
    ],
)
def test_wrong_values_are_refused_with_a_sentence_and_kept(
    zhang: Client, chinese: Employee, browse: Browse, key: str, data: dict[str, str], sentence: str
) -> None:
    before = Client.objects.values().get(pk=zhang.pk)
    answer = send(browse, chinese, zhang, key, seen=seen(browse, chinese, zhang, key), **data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert sentence in page
    assert Client.objects.values().get(pk=zhang.pk) == before
    assert not ClientTag.objects.exists()


@pytest.mark.parametrize("mark", ["", "x" * 40])
def test_a_form_without_its_mark_is_refused(
    zhang: Client, chinese: Employee, browse: Browse, mark: str
) -> None:
    assert send(browse, chinese, zhang, "notes", seen=mark, notes="好").status_code == 422
    assert send(browse, chinese, zhang, "notes", seen="made-up", notes="好").status_code == 409


def test_tags_are_words_of_the_branch_and_none_is_lost_to_others(
    zhang: Client, chinese: Employee, head: Employee, browse: Browse
) -> None:
    firm = Tag.objects.create(name="老客户", branch=None)
    mark = seen(browse, chinese, zhang, "tags")
    send(browse, chinese, zhang, "tags", seen=mark, tags="老客户，爱喝茶, 爱喝茶")
    assert set(zhang.tags.values_list("tag__name", "tag__branch")) == {
        ("老客户", None),
        ("爱喝茶", chinese.branch_id),
    }
    assert zhang.tags.get(tag=firm).added_by == chinese
    stale = send(browse, head, zhang, "tags", seen=mark, tags="")
    assert stale.status_code == 409
    assert "爱喝茶" in stale.content.decode()
    mark = seen(browse, head, zhang, "tags")
    send(browse, head, zhang, "tags", seen=mark, tags="爱喝茶")
    assert list(zhang.tags.values_list("tag__name", flat=True)) == ["爱喝茶"]


def test_without_scripts_it_is_a_page_that_leads_back(
    zhang: Client, chinese: Employee, browse: Browse
) -> None:
    browser = browse(chinese)
    page = browser.get(url_of(zhang, "notes"))
    assert "<html" in page.content.decode()
    data = {"seen": page.context["form"].initial["seen"], "notes": "好"}
    answer = browser.post(url_of(zhang, "notes"), data)
    assert (answer.status_code, answer["Location"]) == (302, zhang.get_absolute_url())
    assert browser.post(url_of(zhang, "notes"), data).status_code == 409
    file = browser.get(zhang.get_absolute_url()).content.decode()
    assert f'href="{zhang.get_absolute_url()}edit/#id_income_level"' in file


def test_a_way_back_shows_the_row_again(zhang: Client, chinese: Employee, browse: Browse) -> None:
    page = browse(chinese).get(f"{url_of(zhang, 'notes')}?show=1", headers=HTMX).content.decode()
    assert 'id="row-notes"' in page
    assert "<form" not in page


def test_a_form_of_a_merged_client_comes_back_for_the_survivor(
    zhang: Client, zhou: Client, chinese: Employee, browse: Browse
) -> None:
    mark = seen(browse, chinese, zhou, "notes")
    Client.objects.filter(pk=zhou.pk).update(merged_into=zhang)
    answer = send(browse, chinese, zhou, "notes", seen=mark, notes="好")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f'action="{url_of(zhang, "notes")}"' in page
    assert "好</textarea>" in page


def test_nobody_else_edits_a_row(
    zhang: Client, chinese: Employee, colleague: Employee, compliance: Employee, browse: Browse
) -> None:
    mark = seen(browse, chinese, zhang, "notes")
    assert send(browse, colleague, zhang, "notes", seen=mark, notes="x").status_code == 404
    assert send(browse, compliance, zhang, "notes", seen=mark, notes="x").status_code == 403
    assert browse(compliance).get(url_of(zhang, "notes")).status_code == 403
    assert browse(chinese).put(url_of(zhang, "notes")).status_code == 405
    assert browse(chinese).get(url_of(zhang, "name")).status_code == 404
    assert "crm-pencil" not in browse(compliance).get(zhang.get_absolute_url()).content.decode()
    zhang.refresh_from_db()
    assert zhang.notes == ""
