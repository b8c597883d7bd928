"""Talking points for prospects, with their success in the firm (D-12, D-13, D-15).

Counts are those of all contacts of the last year with prospects of this type, by all employees;
they are counted once per business date. Confidential entries are not in them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle, ProspectType
from crm import trading_days
from crm.localized import choice
from crm.shares import Share
from staff.small_samples import enough
from visits.models import AttractionStyle, NextStep, QuestionStyle, Visit
from visits.scripts.effectiveness import LEADS_ON
from visits.scripts.example_texts import ASK_REFERRAL, ATTRACT, OFFER_MATERIAL, QUESTIONS

# How far back one counts, in days: contacts of one type of prospect are few.
PERIOD = 365
_KEPT = timedelta(hours=30).total_seconds()

# Reached and led on, by what was done and type of prospect ("" for all together).
Counts = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Help:
    """A style or kind of question, with an example and its results in the firm."""

    label: str
    example: str
    share: Share

    @property
    def counts_text(self) -> str:
        """The counts as text; a share is shown beside them if there are enough."""
        numbers = {"led": self.share.led, "reached": self.share.reached}
        return _("led on %(led)s of %(reached)s") % numbers


@dataclass(frozen=True)
class Turn:
    """A sentence for prospects without interest; ``step``: the next step that it leads to."""

    step: str
    label: str
    example: str


@dataclass(frozen=True)
class Helps:
    """All that the call screen of one prospect shows. ``type``: the prospect's, if known."""

    type: str
    attract: list[Help]
    questions: list[Help]
    turns: list[Turn]
    enough: int


def helps(client: Client) -> Helps | None:
    """The examples for this prospect; ``None`` for clients."""
    if client.lifecycle != Lifecycle.PROSPECT:
        return None
    type_ = client.prospect_type
    known, fewest = counts(trading_days.today())

    def made(key: str, label: Any, texts: dict[str, Any]) -> Help:
        share = Share(*known.get((key, type_), (0, 0)), fewest)
        return Help(str(label), str(texts.get(type_) or texts[""]), share)

    return Helps(
        type=choice(ProspectType, type_),
        attract=[made(key, AttractionStyle(key).label, ATTRACT[key]) for key in AttractionStyle],
        questions=[made(key, QuestionStyle(key).label, QUESTIONS[key]) for key in QuestionStyle],
        turns=[
            Turn(NextStep.SEND_MATERIAL, str(NextStep.SEND_MATERIAL.label), str(OFFER_MATERIAL)),
            Turn(NextStep.ASK_REFERRAL, str(NextStep.ASK_REFERRAL.label), str(ASK_REFERRAL)),
        ],
        enough=fewest,
    )


def counts(day: date) -> tuple[Counts, int]:
    """Results in the year before ``day``, and from how many on a share is shown.

    Cached, computed once a day: a change of the policy is seen here the day after.
    """
    key = f"talking-points:{day}"
    known: tuple[Counts, int] | None = cache.get(key)
    if known is None:
        known = _count(day), enough()
        cache.set(key, known, _KEPT)
    return known


def _count(day: date) -> Counts:
    """One grouped statement; few combinations of styles, questions and types occur."""
    since = day - timedelta(days=PERIOD)
    rows = Visit.objects.filter(
        # Once an account is open, the talk is another one.
        Q(client__opened_on=None)
        | Q(client__opened_on__gt=since, occurred_on__lte=F("client__opened_on")),
        ~Q(attraction_style="") | ~Q(question_styles=[]),
        void=False,
        confidential=False,
        reached=True,
        occurred_on__gt=since,
    )
    grouped = rows.order_by().values("client__prospect_type", "attraction_style", "question_styles")
    counted = grouped.annotate(met=Count("pk"), led=Count("pk", filter=Q(next_step__in=LEADS_ON)))
    sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in counted:
        for what in {row["attraction_style"], *row["question_styles"]} - {""}:
            for key in {(what, row["client__prospect_type"]), (what, "")}:
                met, led = sums[key]
                sums[key] = (met + row["met"], led + row["led"])
    return dict(sums)
