"""Rules of banned phrases: pattern, normal form, pinyin, examples, and what they cost."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from staff.models import Employee
from tests.cast import Browse
from visits.models import BannedPhrase
from visits.models.phrase import SHIPPED
from visits.models.phrase_rule import LONG, plain, seconds
from visits.scripts import banned_phrases

pytestmark = pytest.mark.django_db

# Written by nobody who wants to be caught, and what may be said.
SAID = [
    ("我可以代他操作", "代操作"),
    ("由我代 客户 操 作", "代操作"),
    ("这个产品保 本", "保本"),
    ("保\u200b本", "保本"),
    ("保\u2060\ufeff本", "保本"),
    ("保、本", "保本"),
    ("保\n本", "保本"),
    ("bao ben 没问题", "保本"),
    ("ＢＡＯＢＥＮ", "保本"),
    ("bǎo běn", "保本"),
    ("保ben", "保本"),
    ("ｂａｏ3本", "保本"),
    ("保 證 收 益", "保证收益"),
    ("ＲＩＳＫ－ｆｒｅｅ", "risk-free"),
]
HARMLESS = [
    "已告知客户：不得代客户操作",
    "客户想升级到下一代操作系统",
    "本产品不保本，也不保证收益",
    "请确保本人到场",
    "十分成功",
    "部分成交",
    "确保。本周见面",
    "ben 和 bao 是两个人",
    "the risk-free rate fell",
]


@pytest.mark.parametrize(("text", "phrase"), SAID)
def test_it_finds_what_is_spelled_otherwise(text: str, phrase: str) -> None:
    rows = banned_phrases.found([text], banned_phrases.in_force(None))
    assert [row.phrase for row in rows] == [phrase]


@pytest.mark.parametrize("text", HARMLESS)
def test_it_leaves_alone_what_may_be_said(text: str) -> None:
    assert banned_phrases.found([text], banned_phrases.in_force(None)) == []


def test_it_ships_rules_that_pass_their_own_examples() -> None:
    rows = banned_phrases.in_force(None)
    assert rows
    for row in rows:
        assert row.must_hit
        assert row.must_not_hit
        row.full_clean()
        # Each finds its own phrase.
        assert row.rule.hits(plain(row.phrase)), row


def values(**more: str) -> dict[str, str]:
    return {
        "phrase": "翻倍",
        "pattern": "(?:翻|涨)[一两]?倍",
        "pinyin": "fan bei",
        "why_zh": "不得承诺收益",
        "why_en": "",
        "harmless_in": "翻两倍网",
        "must_hit": "翻 一 倍\nfan倍\n涨倍",
        "must_not_hit": "翻两倍网\n加倍小心",
        "branch": "",
        "citation": "house rule",
        "status": "verified",
        "valid_from": "2026-01-01",
        "valid_to": "",
        **more,
    }


def test_it_saves_a_rule_that_passes_its_examples(administrator: Employee, browse: Browse) -> None:
    answer = browse(administrator).post("/admin/visits/bannedphrase/add/", values())
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row = BannedPhrase.objects.get(phrase="翻倍")
    assert row.must_hit == ["翻 一 倍", "fan倍", "涨倍"]
    assert banned_phrases.found(["保你翻两 倍"], [row]) == [row]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("must_hit", "翻十倍"),  # not found
        ("must_hit", ""),
        ("must_not_hit", "翻 倍"),  # found
        ("must_not_hit", ""),
        ("pattern", "(翻"),  # no expression
        ("pattern", "翻.*倍"),  # no bound
        ("pattern", "(?:翻{0,3}){0,9}倍"),
        ("pattern", "翻.{0,9}.{0,9}.{0,9}倍"),
        ("pattern", "翻?"),  # finds everything
        ("pinyin", "fanbei"),
        ("pinyin", "fan(.) bei"),
    ],
)
def test_it_refuses_a_rule_that_fails_them(
    column: str, value: str, administrator: Employee, browse: Browse
) -> None:
    answer = browse(administrator).post(
        "/admin/visits/bannedphrase/add/", values(**{column: value})
    )
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [column]
    assert not BannedPhrase.objects.filter(phrase="翻倍").exists()


@pytest.mark.parametrize(
    "note",
    [
        "今天与客户沟通了账户情况，客户表示近期行情震荡，暂不操作，下月再联系。",
        "保证代操作内部消息稳赚分成帮你下单",
        "bao zheng fen cheng wen zhuan dai cao zuo, ",
        "代代代代保保保保稳稳稳稳",
    ],
)
def test_it_reads_a_long_note_within_two_milliseconds(note: str) -> None:
    bans = banned_phrases.in_force(None)
    text = (note * LONG)[:LONG]
    banned_phrases.found([text], bans)
    assert seconds(lambda given: banned_phrases.found([given], bans), text) < 0.002


def test_laws_have_their_names_in_the_readers_language(
    administrator: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=administrator.pk).update(language="zh-hans")
    row = BannedPhrase.objects.get(phrase="保本")
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        banned_phrases.refuse(["这只产品保本"], [row])
    assert "《证券法》第一百三十四条" in str(refused.value)
    with translation.override("en"):
        assert row.source == row.citation

    # The page to edit it as well; what was not touched stays as it shipped.
    url = f"/admin/visits/bannedphrase/{row.pk}/change/"
    form = browse(administrator).get(url).context["adminform"].form
    assert form["citation"].value().startswith("《证券法》")
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    for name in ("must_hit", "must_not_hit"):
        sent[name] = "\n".join(getattr(row, name))
    sent["harmless_in"] = ",".join(row.harmless_in)
    answer = browse(administrator).post(url, sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row.refresh_from_db()
    assert row.citation == SHIPPED
    browse(administrator).post(url, {**sent, "citation": "本部规定"})
    row.refresh_from_db()
    assert row.source == row.citation == "本部规定"
