"""Finding clients by name, pinyin, initials, whole phone number or its last four digits.

Each client keeps a ``tsvector`` of ready-made words (configuration ``simple``): the name, the name
without its first character, full pinyin, initials, and a keyed hash of the last four digits of each
phone. Trigrams fail on names of two characters; prefixes of these words do not
(docs/decisions/004-search-words.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ValidationError
from django.db.models import F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from clients.models import Client, FundAccount, Phone
from clients.normalisation import normal_phone
from clients.querysets import ClientQuerySet
from crm import crypto
from crm.fields import lexemes

# Characters that read differently as a surname than anywhere else.
SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "朴": "piao",
    "区": "ou",
    "任": "ren",
    "华": "hua",
    "盖": "ge",
    "翟": "zhai",
    "尉": "wei",
    "种": "chong",
    "员": "yun",
    "纪": "ji",
    "万": "wan",
    "乐": "yue",
    "覃": "qin",
    "宁": "ning",
    "洗": "xian",
    "冼": "xian",
    "召": "shao",
    "秘": "bi",
    "折": "she",
}
_CHINESE = re.compile(r"[㐀-鿿]")
HITS = 10


def _syllables(name: str) -> list[str]:
    # Its dictionary takes 57 MB, which processes that name nobody can do without.
    from pypinyin import Style, lazy_pinyin

    text = unicodedata.normalize("NFKC", name).lower().strip()
    # Words that are not Chinese stand as they are, one by one.
    split: Any = str.split
    syllables: list[str] = lazy_pinyin(text, style=Style.NORMAL, errors=split)
    if text[:1] in SURNAMES:
        syllables[0] = SURNAMES[text[0]]
    return syllables


def name_pinyin(name: str) -> str:
    """Sorting key of a name: its full pinyin in one word, ``zengli`` for 曾丽."""
    return "".join(_syllables(name)).replace("ü", "v")[:200]


def search_tokens(name: str, phones: Iterable[str], accounts: Iterable[str] = ()) -> list[str]:
    """Words under which a client is found; ``phones`` and ``accounts`` in their normal form."""
    text = unicodedata.normalize("NFKC", name).lower().strip()
    syllables = [syllable.replace("ü", "v") for syllable in _syllables(name)]
    tokens = {text.replace(" ", ""), "".join(syllables), "".join(s[0] for s in syllables if s)}
    tokens |= set(text.split())
    if _CHINESE.match(text):
        tokens.add(text[1:])
    tokens |= {crypto.tail_token("phone", number) for number in phones}
    tokens |= {crypto.tail_token("account", number) for number in accounts}
    return sorted(token for token in tokens if token)


def reindex(clients: Collection[int]) -> None:
    """Update the search words of these clients: names, open phones, accounts.

    Names and accounts of those merged into them are theirs too; phones were copied by the merge,
    so one that was ended since is not found any more.
    """
    whole = Q(pk__in=clients, merged_into=None) | Q(merged_into__in=clients)
    open_phones = Prefetch("phones", Phone.objects.filter(valid_to=None))
    rows = Client.objects.filter(whole).only("name", "merged_into")
    words: dict[int, set[str]] = {}
    for row in rows.prefetch_related(open_phones, "accounts"):
        phones = [] if row.merged_into_id else [phone.number for phone in row.phones.all()]
        accounts = [account.number for account in row.accounts.all()]
        tokens = words.setdefault(row.merged_into_id or row.pk, set())
        tokens.update(search_tokens(row.name, phones, accounts))
    made = [Client(pk=key, search=lexemes(sorted(tokens))) for key, tokens in words.items()]
    Client.objects.bulk_update(made, ["search"], batch_size=1000)


def _range(prefix: str) -> dict[str, str]:
    """All sorting keys that begin so; the column sorts by bytes."""
    return {
        "name_pinyin__gte": prefix,
        "name_pinyin__lt": prefix[:-1] + chr(ord(prefix[-1]) + 1),
    }


class Lexemes(SearchQuery):
    """A ``tsquery`` of ready-made lexemes. The text-search parser would take them apart."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        return "%s::tsquery", [self.text]

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _prefix(word: str) -> str:
    return lexemes([word]) + ":*"


def _words(text: str) -> Lexemes:
    """All words begin so, or the text does that they make together (``zhang wei``)."""
    words = text.split()
    wanted = " & ".join(_prefix(word) for word in words)
    return Lexemes(f"{_prefix(''.join(words))} | ({wanted})" if len(words) > 1 else wanted)


def matching(clients: ClientQuerySet, query: str) -> ClientQuerySet:
    """The clients that a search means. An empty one means all, nonsense means none."""
    text = unicodedata.normalize("NFKC", query).replace("\x00", "").strip().lower()[:60]
    if not text:
        return clients
    digits = re.sub(r"[\s\-+()]", "", text)
    if digits.isdecimal() and digits.isascii():
        return _by_number(clients, text, digits)
    if len(text) == 1 and _CHINESE.match(text):
        return clients.filter(name__startswith=text, **_range(name_pinyin(text)))
    if len(text) == 1 and text.isascii():
        # One letter begins the pinyin exactly where it begins the initials.
        return clients.filter(**_range(text))
    return clients.filter(search=_words(text))


def _by_number(clients: ClientQuerySet, text: str, digits: str) -> ClientQuerySet:
    """By the last four digits, or by a whole number, of a phone or an account."""
    if len(digits) == 4:
        tokens = [crypto.tail_token(kind, digits) for kind in ("phone", "account")]
        return clients.filter(search=Lexemes(" | ".join(lexemes([token]) for token in tokens)))
    owners: list[QuerySet[Any, Any]] = []
    # An account stays with its record; what is found is the client that this was merged into.
    accounts = FundAccount.objects.annotate(owner=Coalesce("client__merged_into", "client"))
    phones = Phone.objects.filter(valid_to__isnull=True).annotate(owner=F("client"))
    for kind, rows, normal in (
        ("phone", phones, normal_phone),
        ("account", accounts, FundAccount.normal),
    ):
        try:
            index = crypto.blind_index(kind, normal(text))
        except ValidationError:
            continue
        owners.append(rows.filter(number_index=index).order_by().values("owner"))
    if not owners:
        return clients.none()
    return clients.filter(pk__in=owners[0].union(*owners[1:]) if owners[1:] else owners[0])


def suggest(clients: ClientQuerySet, query: str) -> list[Client]:
    """The first hits for a partial query; one statement. Names with that prefix come first.

    Where they fill the list, PostgreSQL does not run the dearer half, which asks by words.
    """
    text = unicodedata.normalize("NFKC", query).replace("\x00", "").strip().lower()[:60]
    if not text:
        return []
    clients = clients.only("public_id", "name", "name_pinyin", "title", "lifecycle")
    found = matching(clients, query)
    if len(text) > 1 and text.isascii() and text.isalpha():
        first = Q(**_range(text))
        begins = clients.filter(first)
    elif len(text) > 1 and _CHINESE.match(text):
        # By the words, not by the surname's sound: a fifth of all clients may sound alike.
        first = Q(name__startswith=text)
        begins = clients.filter(first, search=_words(text))
    else:
        return list(found.order_by("name_pinyin", "pk")[:HITS])
    halves = [
        rows.order_by("name_pinyin", "pk").annotate(half=Value(place))[:HITS]
        for place, rows in enumerate((begins, found.exclude(first)))
    ]
    hits = list(halves[0].union(halves[1], all=True)[:HITS])
    # Each of them with its half, which the type of a client does not know.
    return sorted(hits, key=attrgetter("half", "name_pinyin", "pk"))
