"""Reads of return visits: the script in force."""

from __future__ import annotations

from django.db.models import QuerySet

from visits.models import Script, ScriptVersion


def script_versions() -> QuerySet[ScriptVersion]:
    """Wordings of the firm's compliance script. A branch's copy is never asked: it is its own
    people who are asked about."""
    return ScriptVersion.objects.filter(
        script__purpose=Script.Purpose.COMPLIANCE, script__branch=None, script__segment=None
    ).select_related("script")


def script_in_force() -> ScriptVersion | None:
    """The wording to ask with; ``None`` where the firm has none."""
    return script_versions().filter(valid_to=None).order_by("script_id").first()
