"""Whether the machinery behind callbacks and reminders is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Heartbeat

# Every part reports once a minute; three missed reports are no hiccup.
LATE_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class Part:
    """One part of the machinery and when it was last seen; ``None`` for never."""

    name: str
    seen_at: datetime | None
    alive: bool


def parts() -> list[Part]:
    """Beat, the workers and planning, in one statement."""
    names = {
        "beat": _("Clock"),
        "worker": _("Workers"),
        "planning": _("Planning"),
        "dispatch": _("Dispatch"),
    }
    seen = dict(Heartbeat.objects.filter(name__in=names).values_list("name", "beat_at"))
    limit = timezone.now() - LATE_AFTER
    return [
        Part(label, seen.get(name), name in seen and seen[name] > limit)
        for name, label in names.items()
    ]
