"""What runs by itself: the ticks of each minute, and the parts of the machinery that are watched.

Rooms declare both at start-up. Beat, the health page, the alarm and the board go by what is declared
here, so none of them knows which rooms there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from crm.registry import Registry

# Every part reports once a minute; three missed reports are no hiccup.
LATE_AFTER = timedelta(minutes=3)
# What runs once a night and takes its time.
NIGHTLY_LATE_AFTER = timedelta(hours=26)
# A tick that nobody took within its minute is worthless: the next one does its work.
EXPIRES_SECONDS = 55


@dataclass(frozen=True)
class Tick:
    """A Celery task that is started each minute, by its name; it decides in SQL what is due.

    What is done once a night is a tick, too: the first one after the hour claims it
    (``crm.nightly``). ``label``: what it does, for administrators.
    """

    key: str
    label: str | Promise = ""


@dataclass(frozen=True)
class Part:
    """A part of the machinery that says of itself that it is alive (``note_alive``).

    ``late_after``: the time without a sign of life after which it counts as silent.
    ``label``: its name on the board; '' where the health page alone tells of it.
    ``silent``, ``works_again``: the sentences for administrators; '' where nobody is alarmed.
    ``cause``: of several that are silent, the one with the lowest number is blamed for the others.
    """

    key: str
    late_after: timedelta = LATE_AFTER
    label: str | Promise = ""
    silent: str | Promise = ""
    works_again: str | Promise = ""
    cause: int = 0

    def is_alive(self, beat_at: datetime, now: datetime) -> bool:
        """Whether the last sign of life is fresh.

        One far in the future was written by a clock that ran ahead, and by nobody since.
        """
        return now - self.late_after < beat_at < now + LATE_AFTER


@dataclass(frozen=True)
class Watch:
    """Who looks whether parts are silent: ``guard`` in workers from their start, ``glance`` in web
    processes as they are asked."""

    key: str
    guard: Callable[[], None]
    glance: Callable[[], None]


ticks: Registry[Tick] = Registry("ticks")
parts: Registry[Part] = Registry("parts of the machinery")
watches: Registry[Watch] = Registry("watches")
# Queues by the names of tasks; Celery reads it as it first sends something.
routes: dict[str, dict[str, str]] = {}
_status_routes: list[str] = []


def every_minute(labels: Mapping[str, str | Promise]) -> None:
    """Have beat start these tasks each minute; by their names, what each of them does."""
    ticks.register(*(Tick(name, label) for name, label in labels.items()))


def route(name: str, *, queue: str) -> None:
    """Have the task of this name wait in a queue of its own, worked by other processes."""
    routes[name] = {"queue": queue}


def schedule() -> dict[str, dict[str, Any]]:
    """The schedule of beat."""
    return {
        tick.key: {"task": tick.key, "schedule": crontab(), "options": {"expires": EXPIRES_SECONDS}}
        for tick in ticks
    }


def glance() -> None:
    """Let every watch look whether parts are silent; cheap enough for a request."""
    for watch in watches:
        watch.glance()


def note_alive(name: str) -> None:
    """Say that a part of the machinery is alive."""
    # Declarations are made before the models are there.
    from crm.models import Heartbeat

    Heartbeat.objects.update_or_create(name=parts[name].key, defaults={"beat_at": timezone.now()})


def note_run(name: str, error: str = "") -> None:
    """Note that a tick ran just now, and the kind of ``error`` where it failed; '' where it did not."""
    from crm.models import TickRun

    now = timezone.now()
    values = {"error": error[:100]} | ({"failed_at": now} if error else {"ran_at": now})
    TickRun.objects.bulk_create(
        [TickRun(name=ticks[name].key, **values)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=list(values),
    )


def alarmed() -> list[Part]:
    """Parts whose silence is told to administrators, the likeliest cause first."""
    return sorted((part for part in parts if part.silent), key=lambda part: part.cause)


def sentence(part: str, *, over: bool) -> str | Promise:
    """What administrators are told of a part that is silent, or works again; '' for none of ours."""
    known = parts.get(part)
    if known is None:
        return ""
    return known.works_again if over else known.silent


def show_status_at(route: str) -> None:
    """Say which address shows the state of the parts."""
    _status_routes[:] = [route]


def status_url() -> str:
    """The page that shows the state of the parts; '' where there is none."""
    return reverse(_status_routes[0]) if _status_routes else ""
