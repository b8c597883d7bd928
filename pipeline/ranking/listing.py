"""The ranked list as text, from the stored scores alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import Kind, ProspectType, Source, addressed
from crm.addresses import address
from crm.localized import localized
from crm.money import yuan
from pipeline.models import RankingScore, Stage
from visits.models import NextStep

COLUMNS = (
    "pin",
    "score",
    "opportunity_id",
    "capital",
    "capital_from",
    "probability",
    "model__version",
    "rate",
    "rate_closed",
    "rate_won",
    "timing",
    "timing_why",
    "timing_days",
    "opportunity__public_id",
    "opportunity__next_step",
    "opportunity__next_step_on",
    "opportunity__stage__name_zh",
    "opportunity__stage__name_en",
    "opportunity__kind",
    "opportunity__client__name",
    "opportunity__client__title",
    "opportunity__client__public_id",
    "opportunity__client__prospect_type",
    "opportunity__manager__full_name",
)
ORDER = ("-pin", "-score", "-opportunity_id")
Timing = RankingScore.Timing
# Outcomes below which the level above weighs more than what is counted.
FEW = 20
_CHOICES: dict[str, dict[Any, Any]] = {
    "prospect_type": dict(ProspectType.choices),
    "source": dict(Source.choices),
    "client_kind": dict(Kind.choices),
    "last_step": dict(NextStep.choices),
    "referred": {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")},
}


@dataclass(frozen=True)
class RankingRow:
    """One row of the list, ready for the template."""

    name: str
    client_url: str
    why_url: str
    stage: str
    manager: str
    pin: int
    capital: str
    capital_from: str
    percent: float
    probability_from: str
    timing: float
    timing_words: str
    step: str


def line(row: Any) -> RankingRow:
    """Text for a row of ``values_list(*COLUMNS, named=True)``."""
    return RankingRow(
        name=addressed(row.opportunity__client__name, row.opportunity__client__title),
        client_url=address("clients:detail", row.opportunity__client__public_id),
        why_url=address("pipeline:next_why", row.opportunity__public_id),
        stage=localized(row, "opportunity__stage__name"),
        manager=row.opportunity__manager__full_name or "",
        pin=row.pin,
        capital=yuan(row.capital),
        capital_from=capital_words(row.capital_from),
        percent=round(100 * row.probability, 1),
        probability_from=probability_words(row),
        timing=round(row.timing, 1),
        timing_words=timing_words(row.timing_why, row.timing_days),
        step=row.opportunity__next_step,
    )


def capital_words(source: str) -> str:
    """The source of the capital."""
    return {
        RankingScore.CapitalFrom.AMOUNT: _("expected assets"),
        RankingScore.CapitalFrom.SIZE: _("from the investment size"),
        RankingScore.CapitalFrom.USUAL: _("amount unknown; the usual one"),
    }[RankingScore.CapitalFrom(source)]


def probability_words(row: Any) -> str:
    """The source of the probability, with counts."""
    if row.model__version:
        return _("learnt, v%(version)s") % {"version": row.model__version}
    given = {"won": row.rate_won, "closed": row.rate_closed}
    if row.rate_closed < FEW:
        return _("won %(won)s of %(closed)s: too few, so near its stage's rate") % given
    return _("won %(won)s of %(closed)s like it") % given


def value_words(name: str, value: Any) -> str:
    """Text for a value of a feature of the model."""
    if value is None or value == "":
        return _("unknown")
    if name == "stage":
        row = Stage.objects.filter(key=value).first()
        return str(row) if row else str(value)
    if isinstance(value, float):
        return f"{value:.0f}"
    return str(_CHOICES.get(name, {}).get(value, value))


def type_words(key: str) -> str:
    """A prospect type by name."""
    return str(dict(ProspectType.choices).get(key, _("type not recorded")))


def timing_words(why: str, days: int) -> str:
    """A short reason for the timing."""
    given = {"n": days}
    match why:
        case Timing.OVERDUE:
            return ngettext("step %(n)s day overdue", "step %(n)s days overdue", days) % given
        case Timing.TODAY:
            return _("step due today")
        case Timing.NO_CALLS:
            return _("wants no calls")
        case Timing.JUST_SPOKEN:
            if days <= 0:
                return _("spoken to today")
            return ngettext("spoken to %(n)s day ago", "spoken to %(n)s days ago", days) % given
        case Timing.EXPECTED:
            return ngettext("expected in %(n)s day", "expected in %(n)s days", days) % given
        case Timing.SOON | Timing.LATER:
            return ngettext("step in %(n)s day", "step in %(n)s days", days) % given
        case Timing.NEVER:
            return _("never reached yet")
        case Timing.SILENT:
            return ngettext("%(n)s day without contact", "%(n)s days without contact", days) % given
    return _("no next step agreed")


def reason(score: Any) -> str:
    """A short reason of the rank; '' if the opportunity has no score yet."""
    if score.ranking__timing_why is None:
        return ""
    if score.ranking__pin > 0:
        return _("put first by hand")
    return timing_words(score.ranking__timing_why, score.ranking__timing_days)
