"""Figures of the board: numbers and sums, and the line that says how things stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import Cast

from crm.money import yuan
from crm.trading_days import today
from pipeline.board.filters import GAP
from pipeline.models import Stage

_OPEN = Q(state=Stage.Kind.OPEN)
_LIKELY = ExpressionWrapper(
    F("amount") * Cast("ranking__probability", DecimalField(max_digits=9, decimal_places=6)),
    output_field=DecimalField(max_digits=30, decimal_places=6),
)


@dataclass(frozen=True)
class Figures:
    """Number of opportunities and the sum of their known amounts in CNY."""

    count: int = 0
    total: Decimal | None = None

    def __add__(self, other: Figures) -> Figures:
        known = [total for total in (self.total, other.total) if total is not None]
        return Figures(self.count + other.count, sum(known, Decimal(0)) if known else None)

    @property
    def amount(self) -> str:
        return yuan(self.total)


@dataclass(frozen=True)
class Facts:
    """The line under the head of the board: what is in progress, and what came of the last days.

    ``likely``: the expected amounts, each times the probability of its ranking; ``late``: a next
    step whose day is over; ``gaps``: no next step, or no day for it.
    """

    open: Figures = Figures()
    likely: str = ""
    late: int = 0
    gaps: int = 0
    won: Figures = Figures()
    lost: int = 0
    urls: dict[str, str] = field(default_factory=dict)


class Counted:
    """Adds up what is counted by stage."""

    def __init__(self) -> None:
        self._stages: dict[int, Figures] = defaultdict(Figures)
        self._late = self._gaps = 0
        self._likely = Decimal(0)

    def add(
        self, stage: int, figures: Figures, late: int, gaps: int, likely: Decimal | None
    ) -> None:
        """One group of the statement, as ``counts`` makes it."""
        self._stages[stage] += figures
        self._late, self._gaps = self._late + late, self._gaps + gaps
        self._likely += likely or 0

    def among(self, stages: Iterable[Stage], link: Callable[..., str]) -> Facts:
        """The facts of all stages; ``link`` makes the address of a list."""
        of: dict[str, Figures] = defaultdict(Figures)
        for stage in stages:
            of[stage.kind] += self._stages[stage.pk]
        yesterday = (today() - timedelta(days=1)).isoformat()
        return Facts(
            open=of[Stage.Kind.OPEN],
            likely=yuan(self._likely or None),
            late=self._late,
            gaps=self._gaps,
            won=of[Stage.Kind.WON],
            lost=of[Stage.Kind.LOST].count,
            urls={
                "open": link(state=Stage.Kind.OPEN),
                "late": link(state=Stage.Kind.OPEN, next_to=yesterday),
                "gaps": link(gap="1"),
                "won": link(state=Stage.Kind.WON),
                "lost": link(state=Stage.Kind.LOST),
            },
        )


def counts() -> dict[str, Any]:
    """What is counted in each group of stage and lane, on this day."""
    return {
        "n": Count("pk"),
        "t": Sum("amount"),
        "late": Count("pk", filter=_OPEN & Q(next_step_on__lt=today())),
        "gaps": Count("pk", filter=GAP),
        "likely": Sum(_LIKELY, filter=_OPEN),
    }
