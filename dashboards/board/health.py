"""Whether the machinery behind callbacks and reminders is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from crm import periodic
from crm.models import Heartbeat


@dataclass(frozen=True)
class Part:
    """One part of the machinery and when it was last seen; ``None`` for never."""

    name: str
    seen_at: datetime | None
    alive: bool


def parts() -> list[Part]:
    """What is watched and has a name for readers, in one statement."""
    watched = [part for part in periodic.parts if part.label]
    names = [part.key for part in watched]
    seen = dict(Heartbeat.objects.filter(name__in=names).values_list("name", "beat_at"))
    now = timezone.now()
    return [
        Part(
            str(part.label),
            seen.get(part.key),
            part.key in seen and part.is_alive(seen[part.key], now),
        )
        for part in watched
    ]
