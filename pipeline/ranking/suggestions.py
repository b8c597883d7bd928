"""Next best contacts: whom an employee may well call of their own accord today, and why.

Read from the stored scores alone (docs/ranking.md); nothing is computed here but words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Lifecycle, addressed
from crm import trading_days
from crm.addresses import address
from crm.localized import localized
from crm.money import yuan
from pipeline.models import Opportunity, OpportunityKind, RankingScore, Stage
from pipeline.ranking.policies import OPPORTUNITY_HIGH, OPPORTUNITY_MIDDLE
from staff import policies
from staff.models import Employee
from visits.models import Callback
from visits.models.callback import BY_HAND

# Named beside the day's work, which comes first.
SHOWN = 4
# What Today itself offers as "can be done ahead".
AHEAD = timedelta(days=7)
Level = Literal["high", "middle", "low"]
Timing = RankingScore.Timing
_COLUMNS = (
    "public_id",
    "client_id",
    "client__public_id",
    "client__name",
    "client__title",
    "stage__name_zh",
    "stage__name_en",
    "next_step",
    "ranking__pin",
    "ranking__capital",
    "ranking__capital_from",
    "ranking__probability",
    "ranking__timing",
    "ranking__timing_why",
    "ranking__timing_days",
)


@dataclass(frozen=True)
class Suggestion:
    """One client, ready for the template: ``why`` is a sentence, ``why_url`` has the figures."""

    name: str
    url: str
    why: str
    why_url: str
    level: Level


def suggested(employee: Employee) -> list[Suggestion]:
    """The first few of ``eligible`` by rank, each client once; three statements."""
    day = trading_days.today()
    # A client may have one open opportunity of each kind, so that many rows hold enough clients.
    most = SHOWN * len(OpportunityKind)
    rows = eligible(employee, day).order_by("-ranking__pin", "-ranking__score", "-id")
    first: dict[int, Any] = {}
    for row in rows.values_list(*_COLUMNS, named=True)[:most]:
        first.setdefault(row.client_id, row)
    if not first:
        return []
    bounds = policies.numbers(
        (OPPORTUNITY_HIGH, OPPORTUNITY_MIDDLE), on=day, branch=employee.branch
    )
    high, middle = (
        bounds[policy.key] or Decimal(policy.default)
        for policy in (OPPORTUNITY_HIGH, OPPORTUNITY_MIDDLE)
    )
    return [
        Suggestion(
            name=addressed(row.client__name, row.client__title),
            url=address("clients:detail", row.client__public_id),
            why=sentence(row),
            why_url=address("pipeline:next_why", row.public_id),
            level=level(row, high, middle),
        )
        for row in list(first.values())[:SHOWN]
    ]


def eligible(employee: Employee, day: date) -> QuerySet[Opportunity]:
    """The employee's own ranked opportunities whose client may and should be called on ``day``.

    Left out are clients

    - who want no calls, are closed, or are a record that was merged into another;
    - who were effectively spoken to on ``day`` or since the trading day before it, so that on a
      Monday Friday counts as yesterday;
    - whose opportunity has its next step after ``day``: both sides agreed on that date;
    - who have an open callback that is late, due or within a week, as Today lists them; or one of
      whatever day that a person set: an appointment, a promise, by hand, or put off;
    - whose opportunity somebody put last by hand.
    """
    planned = Callback.objects.visible_to(employee).open().filter(client=OuterRef("client"))
    planned = planned.filter(
        Q(due_on__lte=day + AHEAD) | Q(is_placed=True) | Q(kind__in=sorted(BY_HAND))
    )
    rows = Opportunity.objects.visible_to(employee).filter(
        Q(next_step_on=None) | Q(next_step_on__lte=day),
        Q(client__last_contact_on=None) | Q(client__last_contact_on__lt=trading_day_before(day)),
        manager=employee,
        state=Stage.Kind.OPEN,
        ranking__pin__gte=0,
        client__calls_refused=False,
        client__merged_into=None,
    )
    return rows.exclude(client__lifecycle=Lifecycle.CLOSED).filter(~Exists(planned.order_by()))


def trading_day_before(day: date) -> date:
    """The last trading day before ``day``."""
    # The longest closure of the exchanges, with its weekends, is shorter than two weeks.
    return trading_days.between(day - timedelta(days=14), day - timedelta(days=1))[-1]


def level(row: Any, high: Decimal, middle: Decimal) -> Level:
    """How great the opportunity is: potential capital × probability × timing, in CNY.

    ``high`` and ``middle`` are the least amounts (``ranking_opportunity_high`` and ``_middle``). The
    weights of a branch order the list and do not enter here: weighted, it would be no amount.
    """
    worth = float(row.ranking__capital) * row.ranking__probability * row.ranking__timing
    if worth >= high:
        return "high"
    return "middle" if worth >= middle else "low"


def sentence(row: Any) -> str:
    """Why to call, in one sentence: what there is to win, and why now."""
    clauses = {"what": _what(row), "why": _why(row)}
    return _("%(what)s: %(why)s.") % clauses


def _what(row: Any) -> str:
    amount = yuan(row.ranking__capital)
    match row.ranking__capital_from:
        case RankingScore.CapitalFrom.AMOUNT:
            return _("%(amount)s expected") % {"amount": amount}
        case RankingScore.CapitalFrom.SIZE:
            return _("about %(amount)s by the investment size") % {"amount": amount}
    return _("At “%(stage)s”") % {"stage": localized(row, "stage__name")}


def _why(row: Any) -> str:
    """The reason of the timing as a clause; a step that was agreed is named by its words."""
    if row.ranking__pin > 0:
        return _("put first by hand")
    days = row.ranking__timing_days
    given = {"n": days, "step": row.next_step}
    match row.ranking__timing_why:
        case Timing.OVERDUE if row.next_step:
            return (
                ngettext(
                    "“%(step)s” was agreed for %(n)s day ago",
                    "“%(step)s” was agreed for %(n)s days ago",
                    days,
                )
                % given
            )
        case Timing.TODAY if row.next_step:
            return _("“%(step)s” is agreed for today") % given
        case Timing.EXPECTED if days > 0:
            return (
                ngettext(
                    "a decision is expected in %(n)s day",
                    "a decision is expected in %(n)s days",
                    days,
                )
                % given
            )
        case Timing.EXPECTED:
            return _("a decision is expected today")
        case Timing.NEVER:
            return _("nobody has reached them yet")
        case Timing.SILENT:
            return ngettext("no contact for %(n)s day", "no contact for %(n)s days", days) % given
    return _("no next step is agreed")
