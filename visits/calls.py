"""Reads of one callback at the telephone: how often it was tried, and who was faster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

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
    """What to try now; one query, for the rules in force."""
    usual, rules = unreached.usual_channel(callback), unreached.rules(callback.client.branch)
    limit = rules[unreached.ATTEMPTS]
    advice = unreached.advice(callback.attempts, limit, usual)
    channel = unreached.other_channel(usual) if advice else usual
    pause = None
    if callback.attempts + 1 >= limit:
        pause = rules[unreached.PAUSE_DAYS]
    return Tried(callback.attempts, advice, channel, pause)


_AROUND = """
SELECT EXISTS (SELECT FROM visits_visitdraft WHERE callback_id = %s AND employee_id = %s),
       EXISTS (SELECT FROM visits_callbackchange WHERE callback_id = %s),
       ARRAY (SELECT id FROM clients_client WHERE merged_into_id = %s)
"""


class Around(NamedTuple):
    """What is rarely there, so that it is asked for only where it is."""

    drafted: bool
    decided: bool


def around(callback: Callback, viewer: Employee) -> Around:
    """Whether there is a draft of the viewer, and a decision; one statement.

    Tells the client, too, who was merged into them: the call screen is opened all day long.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [callback.pk, viewer.pk, callback.pk, callback.client_id])
        drafted, decided, merged = cursor.fetchone()
    callback.client.__dict__["merged_keys"] = merged
    return Around(drafted, decided)


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
