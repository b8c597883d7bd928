"""New wordings of a script: the old version ends and stays as it was, the next one begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from crm.trading_days import today
from visits.models import Script, ScriptStep, ScriptVersion

STEP_COLUMNS = (
    *("title_zh", "title_en", "prompt_zh", "prompt_en", "answer", "options_zh", "options_en"),
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
    ScriptStep.objects.bulk_create(
        ScriptStep(version=version, position=position, **step)
        for position, step in enumerate(steps, 1)
    )
    return version


@transaction.atomic
def new_version(*, script: Script, on: date | None = None) -> ScriptVersion:
    """A copy of the newest version, to be edited until a visit uses it.

    The first version of a script has no steps.
    """
    Script.objects.select_for_update().get(pk=script.pk)
    last = script.versions.order_by("-number").first()
    steps = last.steps.order_by("position").values(*STEP_COLUMNS) if last else []
    return open_version(script=script, steps=list(steps), on=on)
