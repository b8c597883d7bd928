"""Spellings that offices send, each with what it means; what can mean two things is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from clients import cleaning
from clients.normalisation import normal_id_card, normal_phone

REFUSED = object()

_WIDE = str.maketrans("0123456789,.-/:+", "０１２３４５６７８９，．－／：＋")


def wide(text: str) -> str:
    """The same in full-width signs, as an input method of Chinese leaves them."""
    return text.translate(_WIDE)


_SUMS = {
    "0": 0,
    "7": 7,
    "007": 7,
    "1234": 1234,
    "1234.5": "1234.5",
    "1234.56": "1234.56",
    ".5": "0.5",
    "1,234": 1234,
    "1,234.56": "1234.56",
    "12,345,678": 12345678,
    "123,456,789.01": "123456789.01",
    "1 234 567": 1234567,
    "100000000": 100000000,
}
AMOUNTS: dict[str, object] = {
    **{
        f"{sign}{text}": value for text, value in _SUMS.items() for sign in ("", "¥", "￥ ", "CNY ")
    },
    **{f"{text}{unit}": value for text, value in _SUMS.items() for unit in ("元", " 元", "人民币")},
    **{wide(text): value for text, value in _SUMS.items()},
    **{f" {text}\u200b": value for text, value in _SUMS.items()},
    "-5": -5,
    "+5": 5,
    "(5)": -5,
    "（1,234.50）": "-1234.5",
    "-¥5": -5,
    "¥-5": -5,
    "−12.5": "-12.5",
    "50万": 500000,
    "50 万元": 500000,
    "50w": 500000,
    "1.2亿": 120000000,
    "3千万": 30000000,
    "5百万元": 5000000,
    "2十亿": 2000000000,
    "8千": 8000,
    "￥1.2亿元": 120000000,
    "１．２亿": 120000000,
    "12万元整": 120000,
    "0.1万": 1000,
    "1,200万": 12000000,
    "RMB 3,000": 3000,
    "0.30000000000000004": "0.3",
    "999999999999999": 999999999999999,
    **dict.fromkeys(
        ("", " ", "-", "--", "—", "——", "/", "N/A", "n/a", "无", "NULL", "\ufeff"), None
    ),
    **dict.fromkeys(
        (
            "1,23",
            "12,34,567",
            "1234,56",
            "1.234,56",
            "1,2345",
            "1,0000",
            ",5",
            "1,,234",
            "1.5E+08",
            "1e5",
            "1.38e10",
            "1.2.3",
            "1000000000000000",
            "99999亿亿",
            "12x",
            "x12",
            "NaN",
            "Infinity",
            "inf",
            "0x10",
            "一百万",
            "百万",
            "万",
            "50%",
            "5 6",
            "5-6",
            "50万-100万",
            "50万以上",
            "约50万",
            "$500",
            "500美元",
            "((5))",
            "(5",
            "--5",
            "5-",
            "١٢٣",
            "½",
            "1_000",
            "50万\ufffd",
        ),
        REFUSED,
    ),
}

_D = date(2026, 11, 3)
_DAYS = {
    "2026-11-03": _D,
    "2026-11-3": _D,
    "2026/11/03": _D,
    "2026/11/3": _D,
    "2026.11.03": _D,
    "2026.11.3": _D,
    "20261103": _D,
    "2026年11月3日": _D,
    "2026年11月03日": _D,
}
DAYS: dict[str, object] = {
    **_DAYS,
    **{wide(text): value for text, value in _DAYS.items()},
    **{f"\u3000{text}\xa0": value for text, value in _DAYS.items()},
    **{f"{text} 00:00:00": value for text, value in _DAYS.items()},
    **{f"{text} 8:05": value for text, value in _DAYS.items()},
    **{f"{text}T08:05:00.123": value for text, value in _DAYS.items()},
    "2026-11-03T08:05:00Z": _D,
    "2026-11-03T08:05:00+08:00": _D,
    "2026-11-03 08:05:00 +0800": _D,
    "46329": _D,
    "46329.0": _D,
    "46329.75": _D,
    "4６329": _D,
    "32874": date(1990, 1, 1),
    "2024-02-29": date(2024, 2, 29),
    "2000-02-29": date(2000, 2, 29),
    "1999.12.31": date(1999, 12, 31),
    **dict.fromkeys(("", " ", "-", "—", "/", "N/A", "无", "\u200b"), None),
    **dict.fromkeys(
        (
            "2026-13-01",
            "2026-00-10",
            "2026-02-30",
            "2025-02-29",
            "1900-02-29",
            "2026-11",
            "202611",
            "11/03/2026",
            "3.11.2026",
            "03-11-26",
            "26-11-03",
            "2026-11-03-04",
            "2026/11-03",
            "2026年11月",
            "11月3日",
            "二〇二六年十一月三日",
            "2026-11-03 soon",
            "2026-11-03 25",
            "0",
            "1",
            "60",
            "59.5",
            "61",
            "-46329",
            "9999999",
            "99991231",
            "1899-12-31",
            "1979-12-31",
            "2101-01-01",
            "9999-12-31",
            "长期",
            "yesterday",
            "Nov 3, 2026",
            "2026-1l-03",
            "４６３２９年",
            "2026-11-03\ufffd",
        ),
        REFUSED,
    ),
}

_M = date(2026, 10, 1)
MONTHS: dict[str, object] = {
    **dict.fromkeys(
        (
            "2026-10",
            "2026/10",
            "2026.10",
            "202610",
            "2026年10月",
            "2026年10",
            "２０２６－１０",
            "２０２６年１０月",
            "2026-10-01",
            "2026/10/31",
            "20261015",
            "2026年10月9日",
            "2026-10-01 00:00:00",
            " 2026-10 ",
            "46296",
        ),
        _M,
    ),
    **dict.fromkeys(
        ("2026-01", "2026-1", "2026/1", "2026.01", "202601", "2026年1月"), date(2026, 1, 1)
    ),
    **{f"2026.{month}": date(2026, month, 1) for month in range(2, 10)},
    "2026.11": date(2026, 11, 1),
    "": None,
    "-": None,
    **dict.fromkeys(
        (
            "2026.1",
            "２０２６．１",
            "2026.13",
            "2026-13",
            "2026-0",
            "202613",
            "10/2026",
            "10月",
            "Q4",
            "2026",
        ),
        REFUSED,
    ),
}

_MOBILE, _LANDLINE = "13812345678", "+862161234567"
_BEIJING, _SUZHOU = "+861061234567", "+8651261234567"
PHONES: dict[str, object] = {
    **{
        f"{code}{text}": f"+86{_MOBILE}"
        for code in ("", "+86", "0086", "86", "(86)", "+86 ", "+86-", "86-", "+86 0", "００８６")
        for text in ("13812345678", "138 1234 5678", "138-1234-5678")
    },
    wide("13812345678"): f"+86{_MOBILE}",
    "13812345678.0": f"+86{_MOBILE}",
    "013812345678": f"+86{_MOBILE}",
    "\u202d13812345678\u202c": f"+86{_MOBILE}",
    "021-61234567": _LANDLINE,
    "(021)61234567": _LANDLINE,
    "（021）6123 4567": _LANDLINE,
    "86-21-61234567": _LANDLINE,
    "+86 21 6123 4567": _LANDLINE,
    "+86 (0)21 61234567": _LANDLINE,
    "0086-21-61234567": _LANDLINE,
    "2161234567": _LANDLINE,
    **dict.fromkeys(
        ("010-61234567", "(010)61234567", "+86 10 61234567", "86-10-61234567", "0086 010 61234567"),
        _BEIJING,
    ),
    **dict.fromkeys(("0512-61234567", "+86 512 61234567", "86051261234567"), _SUZHOU),
    "0573-8212345": "+865738212345",
    "0898-68501234": "+8689868501234",
    "4008123456": "+864008123456",
    "+852 2123 4567": "+85221234567",
    "00852-21234567": "+85221234567",
    "+1 212 555 0100": "+12125550100",
    **dict.fromkeys(
        (
            "",
            "1381234567",
            "138123456789",
            "1.38E+10",
            "1.3812E10",
            "12812345678",
            "61234567",
            "010-6123456",
            "021-6123456",
            "021-61234567-801",
            "021-61234567转801",
            "13812345678/13912345678",
            "13812345678 13912345678",
            "138****5678",
            "phone",
            "+86",
            "+861381234567a",
            "l3812345678",
            "0138",
            "13812345678.5",
            "+0013812345678",
            "138.1234.5678",
            "138\ufffd2345678",
        ),
        REFUSED,
    ),
}

LINES: dict[str, object] = {
    "张伟": "张伟",
    " 张伟 ": "张伟",
    "张\u200b伟": "张伟",
    "\ufeff张伟": "张伟",
    "张\u3000伟": "张 伟",
    "张  伟": "张 伟",
    "Ａｎｎ": "Ann",
    "Li\tMing": "Li Ming",
    "李\n明": "李 明",
    "\u202e张伟\u202c": "张伟",
    "阿依古丽·买买提": "阿依古丽·买买提",
    "𠮷野": "𠮷野",
    "\u200b": "",
    "\ufeff\u2060": "",
    "\u3164": "",
    "\u2800": "",
    "\x00": "",
    "": "",
    "Zoë": "Zoë",
    "O'Neil & Co.": "O'Neil & Co.",
    "锟斤拷": REFUSED,
    "张\ufffd": REFUSED,
    "烫烫烫": REFUSED,
}

TABLE = [
    *((cleaning.amount, text, value) for text, value in AMOUNTS.items()),
    *((cleaning.day, text, value) for text, value in DAYS.items()),
    *((cleaning.month, text, value) for text, value in MONTHS.items()),
    *((normal_phone, text, value) for text, value in PHONES.items()),
    *((cleaning.line, text, value) for text, value in LINES.items()),
]


def test_it_knows_four_hundred_spellings() -> None:
    assert len(TABLE) >= 400


@pytest.mark.parametrize(
    ("clean", "text", "meant"), TABLE, ids=[f"{c.__name__}-{t!r}" for c, t, _ in TABLE]
)
def test_it_takes_what_is_meant_and_refuses_what_is_not_sure(
    clean: object, text: str, meant: object
) -> None:
    if meant is REFUSED:
        with pytest.raises(ValidationError):
            clean(text)  # type: ignore[operator]
        return
    found = clean(text)  # type: ignore[operator]
    if isinstance(found, Decimal):
        assert found == Decimal(str(meant))
    else:
        assert found == meant


def test_it_says_where_a_text_is_damaged() -> None:
    with override("en"), pytest.raises(ValidationError, match="character 3"):
        cleaning.line("张伟\ufffd")


def test_a_sum_below_what_can_be_is_refused() -> None:
    assert cleaning.amount("0", least=Decimal(0)) == 0
    with pytest.raises(ValidationError):
        cleaning.amount("-0.01", least=Decimal(0))


def test_a_date_that_cannot_be_is_refused() -> None:
    assert cleaning.day("1899-12-31", oldest=date.min) == date(1899, 12, 31)
    with pytest.raises(ValidationError):
        cleaning.day("2099-01-01", oldest=cleaning.OLDEST_BIRTH, latest=date(2026, 12, 1))


def test_an_identity_that_a_sheet_has_rounded_is_refused_as_such() -> None:
    with override("en"), pytest.raises(ValidationError, match="lost"):
        normal_id_card("1.10105194912311E+17")


def test_lines_of_a_paragraph_stay() -> None:
    assert cleaning.paragraph(" a \r\n\u200b\r\nｂ  c ") == "a\n\nb c"


@given(st.dates(cleaning.OLDEST_BUSINESS, cleaning.LATEST))
def test_every_day_is_read_back_from_every_spelling(wanted: date) -> None:
    serial = (wanted - date(1899, 12, 30)).days
    for text in (f"{wanted}", f"{wanted:%Y/%m/%d}", f"{wanted:%Y%m%d}", f"{serial}", f"{serial}.5"):
        assert cleaning.day(text) == wanted
        assert cleaning.day(wide(text)) == wanted


@given(st.decimals(-(10**14), 10**14, places=4, allow_nan=False))
def test_every_sum_is_read_back_from_every_spelling(wanted: Decimal) -> None:
    for text in (f"{wanted}", f"{wanted:,}", f"¥{wanted:,}", wide(f"{wanted}元")):
        assert cleaning.amount(text) == wanted


@given(st.text(max_size=30))
def test_whatever_is_written_ends_in_a_value_or_a_sentence(text: str) -> None:
    for clean in (cleaning.amount, cleaning.day, cleaning.month, cleaning.line, cleaning.digits):
        try:
            found = clean(text)
        except ValidationError:
            continue
        if clean is cleaning.line:
            assert clean(str(found)) == found
        if isinstance(found, date):
            assert clean(f"{found + timedelta(0)}") == found
