"""What the check of the catalogues refuses."""

import polib
import pytest

from crm.management.commands.check_translations import faults


def entry(msgid: str, msgstr: str = "", **more: object) -> polib.POFile:
    po = polib.POFile()
    po.append(polib.POEntry(msgid=msgid, msgstr=msgstr, **more))
    return po


@pytest.mark.parametrize(
    ("text", "translated", "fault"),
    [
        ("Client", "客户", None),
        ("Client", "", "not translated: Client"),
        ("%(count)d of %(all)d", "%(count)d / %(all)d", None),
        ("%(count)d of %(all)d", "%(count)d", "placeholders differ: %(count)d of %(all)d"),
        ("Hello %(name)s", "%(nme)s，您好", "placeholders differ: Hello %(name)s"),
        ("{day} at noon", "{day}中午", None),
        ("{day} at noon", "中午", "placeholders differ: {day} at noon"),
        (
            "%(part)s %% done",
            "%(part)s 完成 %",
            "a per cent sign that is no placeholder is written %%: %(part)s %% done",
        ),
    ],
)
def test_it_names_what_a_reader_would_miss(text: str, translated: str, fault: str | None) -> None:
    assert list(faults(entry(text, translated))) == ([fault] if fault else [])


def test_it_refuses_what_is_marked_as_doubtful() -> None:
    assert list(faults(entry("Client", "客户", flags=["fuzzy"]))) == ["fuzzy: Client"]


def test_it_leaves_alone_what_is_not_in_use() -> None:
    assert list(faults(entry("Client", "", obsolete=True))) == []


def test_a_plural_may_leave_the_number_out_but_names_nothing_new() -> None:
    plural = {"msgid_plural": "%(n)d days"}
    assert list(faults(entry("One day", **plural, msgstr_plural={0: "%(n)d 天"}))) == []
    assert list(faults(entry("One day", **plural, msgstr_plural={0: "若干天"}))) == []
    assert list(faults(entry("One day", **plural, msgstr_plural={0: "%(m)d 天"}))) == [
        "placeholders differ: One day"
    ]
    assert list(faults(entry("One day", **plural, msgstr_plural={0: ""}))) == [
        "not translated: One day"
    ]
