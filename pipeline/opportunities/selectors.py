"""Reads of an opportunity's page: its stages, their gates, its stage history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

from clients.file.assignments import assignments_of
from clients.models import Assignment
from pipeline.models import Assessment, AssessmentKind, Opportunity, OpportunityKind, Stage
from pipeline.opportunities import assessments


@dataclass(frozen=True)
class Step:
    """A stage of the kind, relative to the opportunity's present stage."""

    stage: Stage
    state: str
    missing: list[str]

    @property
    def asks(self) -> bool:
        """Whether the move requires a form first: for a gate, a reason or a date."""
        return bool(self.missing) or self.stage.kind != Stage.Kind.OPEN


@dataclass(frozen=True)
class Gate:
    """One of the three assessments: version in force, earlier versions, stages that require it."""

    which: AssessmentKind
    made: Assessment | None
    waits: Stage | None
    is_next: bool


def file_of(opportunity: Opportunity, *, may_edit: bool) -> dict[str, Any]:
    """Stages, gates, moves and who won it, in a constant number of statements."""
    stages = list(Stage.objects.of(opportunity.kind))
    made = assessments.latest(opportunity)
    steps = [_step(stage, opportunity, stages, made) for stage in stages]
    targets = [step for step in steps if step.state != "here"] if may_edit else []
    return {
        "steps": steps,
        "gates": _gates(opportunity, stages, made),
        "moves": opportunity.moves.select_related("from_stage", "to_stage", "employee"),
        "won_by": _winner(opportunity),
        "targets": targets,
        "gated": any(step.missing for step in targets),
    }


def _step(stage: Stage, row: Opportunity, stages: list[Stage], made: dict[str, Assessment]) -> Step:
    if stage.pk == row.stage_id:
        state = "here"
    else:
        passed = stage.position < row.stage.position and row.state != Stage.Kind.LOST
        state = "past" if passed and stage.kind == Stage.Kind.OPEN else "ahead"
    needed = set(chain.from_iterable(other.gates for other in _stages_to(row.stage, stage, stages)))
    missing = [gate for gate in AssessmentKind.values if gate in needed and gate not in made]
    return Step(stage, state, missing if row.state == Stage.Kind.OPEN else [])


def _stages_to(here: Stage, to: Stage, stages: list[Stage]) -> list[Stage]:
    """The stages that a move passes, its goal included: the rule of ``Stage.gates_from``."""
    return [stage for stage in stages if to.passes(stage, here)]


def _gates(row: Opportunity, stages: list[Stage], made: dict[str, Assessment]) -> list[Gate]:
    """Assessments that the kind requires or that were made, in order."""
    gates = []
    for which in AssessmentKind:
        waits = next((stage for stage in stages if which.value in stage.gates), None)
        if waits is None and which.value not in made:
            continue
        ahead = waits is not None and waits.passes(waits, row.stage)
        gates.append(Gate(which, made.get(which.value), waits if ahead else None, ahead))
    return gates


def _winner(row: Opportunity) -> Assignment | None:
    """Who won the client, where an account was opened."""
    if row.kind != OpportunityKind.ACCOUNT_OPENING or row.state != Stage.Kind.WON:
        return None
    won = assignments_of(row.client).filter(kind=Assignment.Kind.DEVELOPED)
    return won.select_related("employee").order_by("-valid_from", "-id").first()
