"""New wordings of a script: the old version ends and stays as it was, the next one begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from crm.trading_days import today
from visits.models import Script, ScriptStep, ScriptVersion

STEP_COLUMNS = (
    "position",
    "kind",
    "style",
    "if_step",
    "if_values",
    "flags",
    "title_zh",
    "title_en",
    "prompt_zh",
    "prompt_en",
    "answer",
    "options_zh",
    "options_en",
)


@transaction.atomic
def open_version(
    *, script: Script, steps: Iterable[dict[str, Any]], on: date | None = None
) -> ScriptVersion:
    """Close the version in force and put one with ``steps`` in its place, from ``on`` (today).

    Locks the script's row, so that two versions never get one number.
    """
    on = on or today()
    Script.objects.select_for_update().get(pk=script.pk)
    newest = script.versions.aggregate(number=Max("number"))["number"] or 0
    script.versions.filter(valid_to__isnull=True).update(valid_to=on)
    version = script.versions.create(number=newest + 1, valid_from=on)
    made = renumbered(list(steps))
    for step in made:
        if step["if_step"] == 0:
            step.update(if_step=None, if_values=[])
    ScriptStep.objects.bulk_create(ScriptStep(version=version, **step) for step in made)
    return version


def renumbered(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Renumber steps from one without gaps, with references between them.

    A step that depends on one that was left out waits for step 0, which no script has.
    """
    places = {step.get("position", n): n for n, step in enumerate(steps, 1)}
    made = []
    for n, step in enumerate(steps, 1):
        after = step.get("if_step")
        after = None if after is None else places.get(after, 0)
        made.append({**step, "position": n, "if_step": after})
    return made


@transaction.atomic
def new_version(*, script: Script, on: date | None = None) -> ScriptVersion:
    """A copy of the newest version, to be edited until a visit uses it.

    The first version of a script has no steps.
    """
    Script.objects.select_for_update().get(pk=script.pk)
    last = script.versions.order_by("-number").first()
    steps = last.steps.order_by("position").values(*STEP_COLUMNS) if last else []
    return open_version(script=script, steps=list(steps), on=on)
