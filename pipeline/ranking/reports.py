"""Reports of the ranking for heads: rates with counts, trainings, calibration and lift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from clients.models import ProspectType
from crm.localized import localized
from pipeline.models import OpportunityKind, RankingModel, RankingRate
from pipeline.ranking import features, learning
from pipeline.ranking.policies import MIN_EACH, MIN_OUTCOMES
from staff.policies import number

TYPES = ["", *ProspectType.values]


@dataclass(frozen=True)
class Cell:
    """A rate in per cent with its counts."""

    percent: float
    won: int
    closed: int


@dataclass(frozen=True)
class StageRow:
    """A stage: all types together, then each."""

    label: str
    all: Cell
    types: list[Cell]


def _cell(row: RankingRate) -> Cell:
    return Cell(round(100 * row.rate, 1), row.won, row.closed)


def tables() -> tuple[Cell | None, list[tuple[str, Cell, list[StageRow]]]]:
    """The firm's rate, and for each kind of opportunity its rate and those of its stages."""
    firm: Cell | None = None
    kinds: dict[str, Cell] = {}
    stages: dict[str, list[StageRow]] = {}
    by_stage: dict[int, StageRow] = {}
    order = ("stage__position", "stage_id", F("prospect_type").asc(nulls_first=True))
    for row in RankingRate.objects.select_related("stage").order_by(*order):
        if not row.kind:
            firm = _cell(row)
        elif row.stage is None:
            kinds[row.kind] = _cell(row)
        elif row.prospect_type is None:
            made = StageRow(localized(row.stage, "name"), _cell(row), [_cell(row)] * len(TYPES))
            by_stage[row.stage.pk] = made
            stages.setdefault(row.kind, []).append(made)
        elif row.stage.pk in by_stage:
            by_stage[row.stage.pk].types[TYPES.index(row.prospect_type)] = _cell(row)
    named = dict(OpportunityKind.choices)
    found = [
        (str(named[kind]), kinds[kind], stages[kind])
        for kind in named
        if kind in kinds and kind in stages
    ]
    return firm, found


def verdict(model: RankingModel | None, in_use: bool, on: date) -> str:
    """A sentence on the present source of the probability, with the reason."""
    if model is None:
        return _("The simple rates are used: nothing was learnt yet.")
    given = {
        "outcomes": model.outcomes,
        "won": model.won,
        "needed": int(number(MIN_OUTCOMES, on=on)),
        "each": int(number(MIN_EACH, on=on)),
    }
    if in_use:
        return _("The learnt model is used: on later outcomes it was better than the simple rates.")
    if model.verdict == RankingModel.Verdict.USED:
        return _("The simple rates are used: the model looks at something that is barred by now.")
    if model.verdict == RankingModel.Verdict.NOT_BETTER:
        return _("The simple rates are used: on later outcomes the model was no better.")
    if model.verdict == RankingModel.Verdict.ONE_CLASS:
        return (
            _(
                "The simple rates are used: of %(outcomes)s closed opportunities %(won)s were won, so there is nothing to tell apart."
            )
            % given
        )
    return (
        _(
            "The simple rates are used: %(outcomes)s opportunities are closed, %(won)s of them won; learning needs %(needed)s, with %(each)s won and %(each)s lost, spread over time."
        )
        % given
    )


def points(model: RankingModel) -> list[dict[str, Any]]:
    """The features of the model with the range of their points, widest range first."""
    labels = {feature.name: str(feature.label) for feature in features.FEATURES}
    labels[learning.LATEST] = _("share won of the latest outcomes")
    ranges = []
    for part in model.card.get("parts", []):
        values = [float(value) for value in part["points"]]
        reach = max(values) - min(values) if part["kind"] != "line" else abs(values[0])
        ranges.append({"label": labels.get(part["name"], part["name"]), "reach": round(reach, 2)})
    return sorted(ranges, key=lambda row: -float(row["reach"]))


def grounds(names: list[str]) -> str:
    """Barred grounds by name."""
    known = {"sex": _("sex"), "marital": _("marital state"), "age": _("age")}
    return " · ".join(str(known.get(name, name)) for name in names)
