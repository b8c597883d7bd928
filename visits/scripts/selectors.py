"""Reads of scripts: the version in force and the words for its purposes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from clients.models import Client
from crm import trading_days
from visits.models import (
    Callback,
    Script,
    ScriptVersion,
)

# Which script a kind of callback is worked with; every other kind with the regular one.
PURPOSES: dict[str, str] = {
    Callback.Kind.NEW_ACCOUNT: Script.Purpose.NEW_ACCOUNT,
    Callback.Kind.EXPIRY: Script.Purpose.EXPIRY,
    Callback.Kind.BIRTHDAY: Script.Purpose.BIRTHDAY,
    Callback.Kind.DORMANT: Script.Purpose.DORMANT,
    Callback.Kind.FLOW: Script.Purpose.FLOW,
    Callback.Kind.CUSTODY: Script.Purpose.OCCASION,
    Callback.Kind.PURCHASE: Script.Purpose.OCCASION,
    Callback.Kind.EVENT: Script.Purpose.OCCASION,
    Callback.Kind.COMPLAINT: Script.Purpose.COMPLAINT,
    Callback.Kind.COMPLIANCE: Script.Purpose.COMPLIANCE,
}


# The wordings of the plan's script, and of scripts made for the purpose; each with script and steps.
_WORDINGS = """
WITH named AS (
    SELECT s.id, s.key FROM visits_callbackplan p JOIN visits_script s ON s.id = p.script_id
    WHERE p.segment_id = %(segment)s AND p.valid_from <= %(day)s
      AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
    ORDER BY p.valid_from DESC LIMIT 1
)
SELECT v.*, s.key AS script_key, s.name_zh AS script_name_zh, s.name_en AS script_name_en,
       s.branch_id AS of_branch, s.segment_id AS for_segment,
       s.purpose = %(purpose)s AS for_purpose,
       (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM visits_scriptstep t
        WHERE t.version_id = v.id) AS step_rows
FROM visits_scriptversion v
JOIN visits_script s ON s.id = v.script_id
LEFT JOIN named ON true
WHERE v.valid_to IS NULL AND (
    (s.branch_id IS NULL OR s.branch_id = ANY (%(path)s)) AND (
        s.key = named.key
        OR s.purpose = %(purpose)s AND (s.segment_id IS NULL OR s.segment_id = %(segment)s))
    OR s.id = named.id)
"""


def script_version(client: Client, callback: Callback | None) -> ScriptVersion | None:
    """The wording in force for this contact; one query.

    A callback of a kind with a purpose takes the script of that purpose: one for the client's
    segment before one for all, then the nearest branch's. Without one, and for regular contacts,
    the script of the segment's plan, in the wording of the nearest branch that has its own.
    """
    purpose = PURPOSES.get(callback.kind, "") if callback is not None else ""
    path = client.branch.ancestor_ids
    parameters = {
        "segment": client.segment_id,
        "day": trading_days.today(),
        "path": path,
        "purpose": purpose,
    }

    def nearest(row: Any) -> tuple[bool, bool, int, int]:
        own = row.for_purpose and row.for_segment is not None
        place = path.index(row.of_branch) if row.of_branch in path else -1
        return not row.for_purpose, not own, -place, row.script_id

    version = min(ScriptVersion.objects.raw(_WORDINGS, parameters), key=nearest, default=None)
    if version is not None:
        row: Any = version
        version.script = Script(
            pk=row.script_id,
            key=row.script_key,
            name_zh=row.script_name_zh,
            name_en=row.script_name_en,
            branch_id=row.of_branch,
        )
    return version


def wordings(client: Client) -> list[ScriptVersion]:
    """Wordings in force that one may speak from instead, the nearest branch's of each script."""
    path = client.branch.ancestor_ids
    rows = ScriptVersion.objects.filter(
        Q(script__branch=None) | Q(script__branch__in=path),
        Q(script__segment=None) | Q(script__segment=client.segment_id),
        valid_to=None,
    ).exclude(script__purpose=Script.Purpose.COMPLIANCE)
    nearest: dict[str, ScriptVersion] = {}

    def distance(version: ScriptVersion) -> int:
        own = version.script.branch_id
        return path.index(own) if own in path else -1

    for version in sorted(rows.select_related("script"), key=distance):
        nearest[version.script.key] = version
    return sorted(
        nearest.values(), key=lambda version: (version.script.purpose, version.script.key)
    )


def chosen_version(client: Client, key: str) -> ScriptVersion | None:
    """The wording of this key (``wordings``); ``None`` where it is none of them any more."""
    return next((row for row in wordings(client) if str(row.pk) == key), None)
