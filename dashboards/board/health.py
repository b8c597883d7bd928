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
    """Beat, the workers, planning and dispatch, in one statement."""
    names = {
        "beat": _("Clock"),
        "worker": _("Workers"),
        "planning": _("Planning"),
        "dispatch": _("Dispatch"),
    }
    seen = dict(Heartbeat.objects.filter(name__in=names).values_list("name", "beat_at"))
    now = timezone.now()
    return [
        Part(
            label,
            seen.get(name),
            # Far in the future: a clock ran ahead, and nobody wrote since.
            name in seen and now - LATE_AFTER < seen[name] < now + LATE_AFTER,
        )
        for name, label in names.items()
    ]
