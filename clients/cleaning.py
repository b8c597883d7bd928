"""What people and other systems write into a cell or a field, and the value that it means.

One cleaner for the importers and the forms: each function returns the value, or raises
ValidationError with a sentence that says what to write instead. What can mean two things is refused,
never guessed (D-09, D-20).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Sums of CNY from here on are a slip of somebody's.
MOST = Decimal(10) ** 15
# Nobody's client was born, and no firm of the trade opened an account, before.
OLDEST_BIRTH = date(1900, 1, 1)
OLDEST_BUSINESS = date(1980, 1, 1)
# Of papers that run out; what lies behind is a way to write "for good".
LATEST = date(2100, 12, 31)

# How people leave a cell without a figure.
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "n/a", "无", "null", "#n/a"})
# Letters that show nothing though Unicode does not count them as format characters.
_BLANK = re.compile("[\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f]")
_UNSEEN = frozenset({"Cf", "Cc", "Co", "Cn"})
# What is left of text that was read in the wrong encoding, or of memory never written.
_DESTROYED = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯|锘挎")
_CURRENCY = re.compile(r"^(?:rmb|cny|人民币|¥)|(?:元整|元|圆|rmb|cny|人民币)$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)
_SHORTENED = re.compile(r"[+-]?\d+(?:\.\d+)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]+,\d{1,2}|\d+,\d{4,}", re.ASCII)
_UNITS = {
    "千": 10**3,
    "万": 10**4,
    "w": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
    "千亿": 10**11,
}
_UNIT = re.compile(f"({'|'.join(sorted(_UNITS, key=len, reverse=True))})$")

_DAY = re.compile(
    r"(?P<y>\d{4})(?P<sep>[-/.]|年)(?P<m>\d{1,2})(?:(?P=sep)|月)(?P<d>\d{1,2})日?", re.ASCII
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII)
_TIME = re.compile(
    r"(?:[T ]|\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$", re.ASCII
)
# Five digits: 1927 to 2173. Four could as well be a year.
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})|年(\d{1,2})月?|(\d{2}))", re.ASCII)
# Excel counts days from here, rightly from 1900-03-01 on.
_EPOCH = date(1899, 12, 30)


def line(text: str) -> str:
    """One line of text: NFKC, one space between words, nothing that does not show.

    '' for text of nothing else. Raises ValidationError for text that was destroyed on its way.
    """
    return " ".join(_shown(text).split())


def paragraph(text: str) -> str:
    """The same for text of several lines, whose lines stay."""
    rows = _shown(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n").split("\n")
    return "\n".join(" ".join(row.split()) for row in rows).strip()


def _shown(text: str, keep: str = "") -> str:
    if found := _DESTROYED.search(text):
        raise ValidationError(
            _("The text is damaged at character %(place)s. Export it again, as UTF-8.")
            % {"place": found.start() + 1}
        )
    if text.isascii() and text.isprintable():
        return text
    normal = _BLANK.sub("", unicodedata.normalize("NFKC", text))
    if normal.isprintable():
        return normal
    return "".join(
        sign
        for sign in normal
        if sign in keep or sign.isspace() or unicodedata.category(sign) not in _UNSEEN
    )


def amount(text: str, *, least: Decimal | None = None) -> Decimal | None:
    """A number or a sum of CNY, with four places; ``None`` for an empty cell.

    Takes thousands, the signs and names of the yuan, 万 and 亿, full-width digits and the
    accountant's brackets. ``least``: what it may not lie below. Raises ValidationError for a badly
    grouped or a decimal comma, an exponent, and whatever else is no number.
    """
    cleaned = line(text)
    if cleaned.lower() in _NOTHING:
        return None
    value = _signed(cleaned)
    if abs(value) >= MOST:
        raise ValidationError(_("The number is too large: check its unit."))
    if least is not None and value < least:
        raise ValidationError(_("The number may not lie below %(least)s.") % {"least": least})
    return value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def _signed(text: str) -> Decimal:
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    text = _CURRENCY.sub("", text.strip()).strip()  # ¥-5
    if sign == 1 and text[:1] in {"-", "+", "−"}:
        sign, text = (1 if text[0] == "+" else -1), text[1:]
    text = _CURRENCY.sub("", text.strip()).strip()  # -¥5
    unit = 1
    if found := _UNIT.search(text.lower()):
        unit, text = _UNITS[found[1]], text[: found.start()].strip()
    if _PLAIN.fullmatch(text):
        return sign * Decimal(text) * unit
    if _GROUPED.fullmatch(text):
        return sign * Decimal(text.replace(",", "").replace(" ", "")) * unit
    if _SHORTENED.fullmatch(text):
        raise ValidationError(
            _("The number was shortened (%(text)s). Widen its column and export it again.")
            % {"text": text[:20]}
        )
    if _DECIMAL_COMMA.fullmatch(text):
        raise ValidationError(
            _("A comma groups thousands (1,234.56); write decimals with a point.")
        )
    raise ValidationError(_("Enter a number such as 1234.56 or 50万."))


def day(text: str, *, oldest: date = OLDEST_BUSINESS, latest: date = LATEST) -> date | None:
    """A date of business; ``None`` for an empty cell.

    Takes 2026-11-23, with slashes, points, Chinese or full-width, 20261123, with a time behind it,
    and Excel's count of days. Raises ValidationError for a day that is none, one outside ``oldest``
    to ``latest``, and spellings whose order can be read in two ways.
    """
    cleaned = line(text)
    if cleaned.lower() in _NOTHING:
        return None
    found = _day(_TIME.sub("", cleaned).strip())
    if found is None:
        raise ValidationError(_("Write the date as 2026-11-23."))
    if found > latest:
        raise ValidationError(
            _("The date lies in the future.")
            if latest < LATEST
            else _("The date lies behind %(latest)s: check the year.") % {"latest": latest}
        )
    if found < oldest:
        raise ValidationError(
            _("The date lies before %(oldest)s: check the year.") % {"oldest": oldest}
        )
    return found


def _day(text: str) -> date | None:
    hit = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if hit:
            return date(int(hit["y"]), int(hit["m"]), int(hit["d"]))
        if count := _SERIAL.fullmatch(text):
            return _EPOCH + timedelta(days=int(count[1]))
    except ValueError:
        pass
    return None


def month(text: str) -> date | None:
    """First day of a month: 2026-10, 202610, 2026年10月, or any day of it; ``None`` for empty.

    Raises ValidationError for 2026.1, which a sheet also makes of 2026.10, and for no month.
    """
    cleaned = line(text)
    if cleaned.lower() in _NOTHING:
        return None
    hit = _MONTH.fullmatch(cleaned)
    if hit and hit[2] == "." and hit[3] == "1":
        raise ValidationError(
            _("%(text)s may be January or October. Write 2026-01 or 2026-10.") % {"text": cleaned}
        )
    try:
        if hit:
            return date(int(hit[1]), int(hit[3] or hit[4] or hit[5]), 1)
        found = _day(_TIME.sub("", cleaned).strip())
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("Write the month as 2026-10."))
    return found.replace(day=1)


def whole(text: str) -> str:
    """One line that names something, such as a key of another system.

    Raises ValidationError where a sheet has rounded it: those digits are lost.
    """
    cleaned = line(text)
    if _SHORTENED.fullmatch(cleaned):
        raise ValidationError(
            _("Digits were lost (%(text)s). Make the column text and export it again.")
            % {"text": cleaned[:20]}
        )
    return cleaned


def digits(text: str) -> str:
    """What is left of a number that identifies: NFKC, no spaces and hyphens, no ".0" of a sheet.

    Raises ValidationError where a sheet has rounded it.
    """
    cleaned = re.sub(r"[\s\-‐-―()]", "", whole(text))
    if re.fullmatch(r"\d+\.0+", cleaned, re.ASCII):
        cleaned = cleaned.partition(".")[0]
    return cleaned
