"""Conversion between stages: shares, durations and losses (D-01).

Everything counts the same opportunities: those created within the chosen days. A stage is reached
by whoever came to it or to a later one. Shares stand beside their counts, by the rule for small
samples. Who answers for an opportunity is its owner; branches are those of today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from clients.models import Client
from crm.shares import Share
from crm.trading_days import today
from dashboards.board.selectors import CLIENTS, Figure, link
from dashboards.conversion import statements
from dashboards.conversion.comparison import ComparisonRow, ShownStages, lines
from dashboards.conversion.counts import Cell, Count, cells, total
from dashboards.conversion.filters import ConversionFilter
from dashboards.conversion.survival import Staying
from pipeline.models import Competitor, LostReason, OpportunityKind, Stage


@dataclass(frozen=True)
class Step:
    """One stage: how many opportunities reached it, and their outcome."""

    stage: Stage
    reached: Figure
    # Of those, how many came to the stage after; None at the last one.
    on: Share | None
    here: Figure
    # None where nothing can be lost any more.
    lost: Figure | None


@dataclass(frozen=True)
class Stay:
    """How long opportunities were in a stage; ``days`` counts those still there as unfinished."""

    stage: Stage
    entered: Figure
    here: Figure
    days: Staying


@dataclass(frozen=True)
class Loss:
    """A reason or a competitor, and how many it cost at each stage, in the order of the stages."""

    name: str
    total: Figure
    cells: list[Figure]


@dataclass(frozen=True)
class Cohort:
    """Opportunities created in one month. ``ends``: the day on which the last has had its time."""

    month: date
    created: Figure
    cells: list[Cell]
    ends: date
    finished: bool


@dataclass
class Conversion:
    """Everything the page shows."""

    created: Figure
    # Accounts opened in the period, from whatever opportunity; None where it was narrowed.
    opened: Figure | None
    lost: Figure | None
    steps: list[Step]
    stays: list[Stay]
    losses: list[Loss]
    winners: list[Loss]
    cohorts: list[Cohort]
    lines: list[ComparisonRow]
    lines_left_out: int
    # All stages but the first, in which every opportunity is created.
    later: list[Stage]
    lost_from: list[Stage]


# Lost opportunities by reason, competitor and the stage that they were lost from.
Lost = dict[tuple[int | None, int | None, int | None], int]


def conversion(filters: ConversionFilter) -> Conversion:
    """The figures of what ``filters`` names: two grouped statements, whatever their number."""
    rows = filters.rows()
    stages = [stage for stage in filters.stages if stage.kind != Stage.Kind.LOST]
    end = next((stage for stage in filters.stages if stage.kind == Stage.Kind.LOST), None)
    months: dict[date, Count] = {}
    counts: dict[Any, Count] = {}
    here: dict[int, int] = defaultdict(int)
    lost: Lost = defaultdict(int)
    groups = statements.stage_history(rows, filters.column, stages, filters.window)
    for group, month, at, stage, reason, competitor, lost_from, *numbers in groups:
        if group == statements.MONTH:
            months[month] = Count.of(numbers)
        elif group == statements.LINE:
            counts[at] = Count.of(numbers)
        else:
            here[stage] += numbers[0]
            if end is not None and stage == end.pk:
                lost[reason, competitor, lost_from] += numbers[0]
    everyone = total(months.values(), len(stages))
    met = {lost_from for _reason, _competitor, lost_from in lost}
    used = ShownStages(
        [
            (place, stage)
            for place, stage in enumerate(stages)
            if stage.is_active or here[stage.pk] or stage.pk in met
        ]
    )
    table, left_out = lines(counts, filters, used)
    return Conversion(
        created=Figure(everyone.all, filters.list_url()),
        opened=_opened(filters),
        lost=Figure(here[end.pk], filters.list_url(stage=end.key)) if end else None,
        steps=_steps(everyone, used, here, lost, filters),
        stays=_stays(filters, used, here),
        losses=_losses("lost_reason", LostReason.objects.all(), lost, used, filters, end),
        winners=_losses("competitor", Competitor.objects.all(), lost, used, filters, end),
        cohorts=[_cohort(month, months[month], used, filters) for month in sorted(months)],
        lines=table,
        lines_left_out=left_out,
        later=[stage for _place, stage in used.later],
        lost_from=used.open,
    )


def _opened(filters: ConversionFilter) -> Figure | None:
    """Accounts opened in the period, as every page counts them (docs/figures.md)."""
    if filters.is_narrowed or filters.shown_kind != OpportunityKind.ACCOUNT_OPENING:
        return None
    days = (filters.since, filters.until)
    rows = Client.objects.visible_to(filters.viewer).filter(opened_on__range=days)
    asked = {"opened_from": filters.since, "opened_to": filters.until, **filters.people}
    count = filters.narrow_scope(rows, "manager", "branch").count()
    return Figure(count, link(CLIENTS, asked))


def _steps(
    everyone: Count, used: ShownStages, here: dict[int, int], lost: Lost, filters: ConversionFilter
) -> list[Step]:
    steps = []
    for (place, stage), after in zip_longest(used.all, used.later):
        reached = everyone.reached[place]
        gone = sum(count for (_why, _who, origin), count in lost.items() if origin == stage.pk)
        is_open = stage.kind == Stage.Kind.OPEN
        steps.append(
            Step(
                stage=stage,
                reached=Figure(reached, filters.list_url(reached=stage.key)),
                on=Share(reached, everyone.reached[after[0]], filters.enough) if after else None,
                here=Figure(here[stage.pk], filters.list_url(stage=stage.key)),
                lost=Figure(gone, filters.list_url(lost_from=stage.key)) if is_open else None,
            )
        )
    return steps


def _stays(filters: ConversionFilter, used: ShownStages, here: dict[int, int]) -> list[Stay]:
    days: dict[int, Staying] = defaultdict(lambda: Staying(filters.enough))
    for stage, length, there, count in statements.stays(filters.rows(), today()):
        (days[stage].there if there else days[stage].left)[int(length)] += count
    return [
        Stay(
            stage=stage,
            entered=Figure(days[stage.pk].count, filters.list_url(entered=stage.key)),
            here=Figure(here[stage.pk], filters.list_url(stage=stage.key)),
            days=days[stage.pk],
        )
        for stage in used.open
    ]


def _losses(
    name: str,
    rows: Iterable[Any],
    lost: Lost,
    used: ShownStages,
    filters: ConversionFilter,
    end: Stage | None,
) -> list[Loss]:
    """Of ``rows``, reasons or competitors as ``name`` says, those that occurred; most first."""
    sums: dict[int | None, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for (reason, competitor, origin), count in lost.items():
        sums[reason if name == "lost_reason" else competitor][origin] += count
    made = []
    for row in rows:
        by_stage = sums.get(row.pk)
        if not by_stage or end is None:
            continue
        why = {name: row.pk}
        parts = [
            Figure(by_stage.get(stage.pk, 0), filters.list_url(lost_from=stage.key, **why))
            for stage in used.open
        ]
        total_of = Figure(sum(by_stage.values()), filters.list_url(stage=end.key, **why))
        made.append(Loss(str(row), total_of, parts))
    return sorted(made, key=lambda loss: -loss.total.value)


def _cohort(month: date, count: Count, used: ShownStages, filters: ConversionFilter) -> Cohort:
    """One month, as far as the chosen days reach into it."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    first = max(month, filters.since)
    last = min(following - timedelta(days=1), filters.until)
    period = {"created_from": first, "created_to": last}
    ends = last + timedelta(days=filters.window)
    return Cohort(
        month=month,
        created=Figure(count.all, filters.list_url(**period)),
        cells=cells(count.all, count.within, used.later, filters, period, within=filters.window),
        ends=ends,
        finished=ends < today(),
    )
