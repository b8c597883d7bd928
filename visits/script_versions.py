"""New wordings of a script: the old version ends, its steps are copied to be edited."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from crm.trading_days import today
from visits.models import Script, ScriptStep, ScriptVersion

_COPIED = (
    "position",
    "title_zh",
    "title_en",
    "prompt_zh",
    "prompt_en",
    "answer",
    "options_zh",
    "options_en",
)


@transaction.atomic
def new_version(*, script: Script, on: date | None = None) -> ScriptVersion:
    """Put a copy of the version in force on top of it, from ``on`` (today if not given).

    The first version of a script has no steps. The copy may be edited until a visit uses it.
    """
    on = on or today()
    Script.objects.select_for_update().get(pk=script.pk)
    last = script.versions.order_by("-number").first()
    script.versions.filter(valid_to__isnull=True).update(valid_to=on)
    version = script.versions.create(number=last.number + 1 if last else 1, valid_from=on)
    steps = last.steps.order_by("position") if last else ScriptStep.objects.none()
    ScriptStep.objects.bulk_create(
        ScriptStep(version=version, **{name: getattr(step, name) for name in _COPIED})
        for step in steps
    )
    return version
