"""Reads of one callback at the telephone: how often it was tried, and who was faster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from staff.models import Employee
from visits import unreached
from visits.models import Callback, Visit


@dataclass(frozen=True)
class Tried:
    """The attempts that reached nobody. ``pause``: trading days until the one after the next."""

    attempts: int
    advice: str
    channel: str
    pause: int | None


def tried(callback: Callback) -> Tried:
    """What to try now; at most two queries, for the rules in force."""
    usual, branch = unreached.usual_channel(callback), callback.client.branch
    limit = unreached.rule(unreached.ATTEMPTS, branch)
    advice = unreached.advice(callback.attempts, limit, usual)
    channel = unreached.other_channel(usual) if advice else usual
    pause = None
    if callback.attempts + 1 >= limit:
        pause = unreached.rule(unreached.PAUSE_DAYS, branch)
    return Tried(callback.attempts, advice, channel, pause)


@dataclass(frozen=True)
class Taken:
    """Somebody closed the callback while another was typing."""

    who: str
    at: datetime | None
    url: str


def taken(callback: Callback, viewer: Employee) -> Taken | None:
    """Who closed it; ``None`` while it is open."""
    callback.refresh_from_db(fields=["status", "done_at"])
    if callback.status == Callback.Status.OPEN:
        return None
    rows = Visit.objects.visible_to(viewer).filter(callback=callback, void=False)
    visit = rows.select_related("employee").order_by("-id").first()
    if visit is None:
        return Taken("", callback.done_at, "")
    return Taken(str(visit.employee or ""), visit.created_at, visit.get_absolute_url())
