"""What a banned phrase matches: a pattern over the normal form of a text.

The normal form (``plain``) has one width and case, no accents, and nothing between letters and digits:
no spaces, no signs that are not seen, no punctuation but the ends of sentences. 「保 - 本」, 「ｂǎo本」 and
「保本」 are told apart by their signs only.

A rule is one of two: the phrase as it stands, or a pattern (a regular expression of a small kind, so that
no rule can make saving a note slow). Beside either, the phrase may be known by its pinyin, in which any
of its characters may be spelled out.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

# Seconds of processor time that one rule may take over a note of ``LONG`` characters.
MOST_SECONDS = 0.0005
LONG = 2000
_BETWEEN = re.compile(r"[^\w。!?;]+|_+")
_ENDS = str.maketrans(dict.fromkeys("。!?;", "\n"))
_ACCENTS = re.compile("[\u0300-\u036f]+")
_LATIN = re.compile("[a-z]")
# What a phrase of punctuation alone is taken for.
_NOTHING = "(?!)"
# No repetition without an end, and none of a group: their time grows beyond all bounds.
_REPEATED = re.compile(r"\{(\d),(\d)\}")
_MOST_REPEATED = 2


def plain(text: str) -> str:
    """The normal form of ``text``; a line break stands at its start and where a sentence ends."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    return "\n" + _BETWEEN.sub("", folded).translate(_ENDS)


@dataclass(frozen=True)
class Rule:
    """A phrase made ready: what finds it, and the longer words in which it is harmless."""

    finder: re.Pattern[str]
    # Finds the phrase also where none of its characters is spelled.
    spelled: re.Pattern[str] | None
    harmless_in: tuple[str, ...]

    def hits(self, text: str) -> bool:
        """Whether ``text``, already plain, holds the phrase outside the harmless words."""
        if not self._found(text):
            return False
        for word in self.harmless_in:
            text = text.replace(word, "\n")
        return self._found(text)

    def _found(self, text: str) -> bool:
        if self.finder.search(text):
            return True
        if self.spelled is None or not _LATIN.search(text):
            return False
        return any(_LATIN.search(match[0]) for match in self.spelled.finditer(text))


@lru_cache(maxsize=1024)
def rule(phrase: str, pattern: str, pinyin: str, harmless_in: tuple[str, ...]) -> Rule:
    """The rule of these columns of ``BannedPhrase``; raises ``re.error`` for an unreadable pattern."""
    word = plain(phrase).strip()
    finder = re.compile(pattern_of(pattern) if pattern else re.escape(word) or _NOTHING)
    spelled = re.compile(_spelled(word, pinyin.split())) if pinyin and word else None
    harmless = (plain(longer).strip() for longer in harmless_in)
    return Rule(finder, spelled, tuple(longer for longer in harmless if longer))


def pattern_of(pattern: str) -> str:
    """``pattern`` as typed, in the width and case of the normal form."""
    return unicodedata.normalize("NFKC", pattern).casefold()


def _spelled(word: str, syllables: list[str]) -> str:
    """Finds ``word``, its characters as they are or spelled, with or without a tone's number."""
    pairs = zip(word, syllables, strict=False)
    return "".join(f"(?:{re.escape(sign)}|{syllable}[1-5]?)" for sign, syllable in pairs)


def faults(
    *,
    phrase: str,
    pattern: str,
    pinyin: str,
    harmless_in: Iterable[str],
    must_hit: Iterable[str],
    must_not_hit: Iterable[str],
) -> dict[str, list[str]]:
    """A sentence for each fault of a rule, by the column that holds it."""
    found: dict[str, list[str]] = {}
    word = plain(phrase).strip()
    if pattern and (text := _unfit(pattern_of(pattern))):
        found["pattern"] = [text]
    if pinyin and (len(pinyin.split()) != len(word) or not re.fullmatch("[a-z ]+", pinyin)):
        found["pinyin"] = [
            _("Write one syllable for each character, in small letters without tones.")
        ]
    if found:
        return found
    made = rule(phrase, pattern, pinyin, tuple(harmless_in))
    for column, examples, right in (
        ("must_hit", must_hit, True),
        ("must_not_hit", must_not_hit, False),
    ):
        sentence = (
            _("“%(text)s” is not found by this rule.")
            if right
            else _("“%(text)s” is found by this rule.")
        )
        wrong = [text for text in examples if made.hits(plain(text)) is not right]
        if wrong:
            found[column] = [sentence % {"text": text} for text in wrong]
    if not found and seconds(made.hits, _longest([*must_not_hit, *must_hit])) > MOST_SECONDS:
        found["pattern"] = [_("This pattern takes too long: make it simpler.")]
    return found


def _unfit(pattern: str) -> str:
    """Why a pattern is refused; empty if it is not."""
    try:
        made = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return _("This is no regular expression.")
    rest, repetitions = _REPEATED.subn("", pattern)
    if re.search(r"[*+\\{}]", rest) or "){" in pattern:
        return _(
            "Not allowed here: *, +, backslashes, and repetition but as {0,3} after a single sign."
        )
    if repetitions > _MOST_REPEATED:
        return _("At most two repetitions such as {0,3} are allowed.")
    if made.search("\n") or made.search(""):
        return _("This pattern finds an empty text.")
    return ""


def _longest(examples: list[str]) -> str:
    text = "".join(map(plain, examples)) or "\n"
    return (text * (LONG // len(text) + 1))[:LONG]


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time that ``work`` takes over ``text``, the least of three."""
    least = []
    for _attempt in range(3):
        started = time.thread_time()
        work(text)
        least.append(time.thread_time() - started)
    return min(least)
