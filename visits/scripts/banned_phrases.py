"""Banned phrases: refused in scripts, marked in what is written about a contact (D-19)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from crm import trading_days
from staff.models import Branch
from visits.models import BannedPhrase, PhraseFlag, Visit
from visits.models.phrase_rule import plain

# Written out, since nearly every contact that is saved asks it.
_IN_FORCE = """
SELECT * FROM visits_bannedphrase
WHERE (branch_id IS NULL OR branch_id = ANY (%s))
  AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)
ORDER BY phrase, valid_from DESC
"""
_MARKED = """
SELECT b.phrase FROM visits_phraseflag f JOIN visits_bannedphrase b ON b.id = f.phrase_id
WHERE f.visit_id = %s ORDER BY f.id DESC
"""


def in_force(branch: Branch | None, on: date | None = None) -> list[BannedPhrase]:
    """The firm's phrases and those of the branch and the branches above it; one query."""
    on = on or trading_days.today()
    path = branch.ancestor_ids if branch else []
    return list(BannedPhrase.objects.raw(_IN_FORCE, [path, on, on]))


def found(texts: Iterable[str], bans: Iterable[BannedPhrase]) -> list[BannedPhrase]:
    """The phrases found in any of these texts, each once."""
    read = [plain(text) for text in texts if text]
    return [ban for ban in bans if any(ban.rule.hits(text) for text in read)]


def sentences(texts: Iterable[str], bans: Iterable[BannedPhrase]) -> list[str]:
    """A sentence for each banned phrase in ``texts``, which names it and says why."""
    sentence = _("“%(phrase)s” must not be said to a client: %(why)s (%(citation)s). Reword it.")
    return [
        sentence % {"phrase": row.phrase, "why": row.why, "citation": row.source}
        for row in found(texts, bans)
    ]


def refuse(texts: Iterable[str], bans: Iterable[BannedPhrase]) -> None:
    """Raise ValidationError that names each banned phrase in ``texts`` and says why."""
    if faults := sentences(texts, bans):
        raise ValidationError(faults)


def flag(visit: Visit) -> list[BannedPhrase]:
    """Flag a new entry with banned phrases in its notes, suggestions or answers."""
    texts = [visit.notes, visit.suggestions, *(answer["answer"] for answer in visit.answers)]
    rows = found(texts, in_force(visit.client.branch, visit.occurred_on)) if any(texts) else []
    PhraseFlag.objects.bulk_create(PhraseFlag(visit=visit, phrase=row) for row in rows)
    visit.marked_phrases = [row.phrase for row in rows]
    return rows


def marked(visit: Visit) -> list[str]:
    """The phrases for which an entry is marked; known without asking while it is being saved."""
    if visit.marked_phrases is not None:
        return visit.marked_phrases
    with connection.cursor() as cursor:
        cursor.execute(_MARKED, [visit.pk])
        return [phrase for (phrase,) in cursor.fetchall()]
