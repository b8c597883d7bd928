"""Attempts that did not reach the client: when to try again, and by which channel."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from crm import trading_days
from staff.models import Branch, Policy
from visits.models import Callback, Channel, NextStep, Outcome

ATTEMPTS = "unreached_attempts"
PAUSE_DAYS = "unreached_pause_days"
# Where no row is in force.
_DEFAULTS = {ATTEMPTS: 3, PAUSE_DAYS: 5}
# The last row of a key is the one that counts.
_IN_FORCE = """
SELECT p.key, p.value FROM staff_policy p LEFT JOIN staff_branch b ON b.id = p.branch_id
WHERE p.key = ANY (%s) AND (b.id IS NULL OR b.id = ANY (%s))
  AND p.valid_from <= %s AND (p.valid_to IS NULL OR p.valid_to > %s)
ORDER BY length(b.path) NULLS FIRST, p.valid_from
"""
# What is proposed after one channel failed so often.
_OTHER = {
    Channel.PHONE: Channel.WECHAT,
    Channel.WECHAT: Channel.SMS,
    Channel.VIDEO: Channel.WECHAT,
    Channel.IN_PERSON: Channel.PHONE,
    Channel.SMS: Channel.PHONE,
    Channel.OTHER: Channel.PHONE,
}


def rules(branch: Branch) -> dict[str, int]:
    """The numbers in force today by their keys, in one query; the nearest branch's rows win."""
    path = branch.ancestor_ids
    day = trading_days.today()
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [list(_DEFAULTS), path, day, day])
        return _DEFAULTS | {key: int(value) for key, value in cursor.fetchall()}


def rule(key: str, branch: Branch | None) -> int:
    """The number in force today; the nearest branch's row wins."""
    today = trading_days.today()
    return int(Policy.objects.number(key, on=today, branch=branch, default=_DEFAULTS[key]))


def other_channel(channel: str) -> Channel:
    """The channel to try when ``channel`` does not reach the client."""
    return _OTHER[Channel(channel)]


def usual_channel(callback: Callback) -> str:
    """The channel that the plan names; the phone without one."""
    return callback.plan.channel if callback.plan else Channel.PHONE


def advice(attempts: int, limit: int, channel: str) -> str:
    """What to do after ``attempts``; '' while the limit is not reached."""
    if attempts < limit:
        return ""
    return _("Try another channel: %(channel)s") % {"channel": other_channel(channel).label}


def pause(attempts: int, branch: Branch | None) -> int | None:
    """Trading days until the attempt after the next one fails; ``None``: as the outcome says.

    ``attempts`` are those before this one.
    """
    if attempts + 1 < rule(ATTEMPTS, branch):
        return None
    return rule(PAUSE_DAYS, branch)


def check(callback: Callback | None, day: date | None) -> None:
    """Refuse a day for the next try beyond the hard limit, while one before it is left."""
    limit = callback.hard_limit_on if callback is not None else None
    if limit is not None and day is not None and trading_days.today() < limit < day:
        sentence = _("It must be done by %(day)s: choose an earlier date.")
        raise ValidationError({"next_step_on": sentence % {"day": limit.isoformat()}})


def next_try(
    callback: Callback | None, outcome: Outcome, branch: Branch | None
) -> tuple[str, date] | None:
    """When to try again once the attempts are used up; ``None``: as the outcome proposes.

    Never beyond the hard limit of the callback, and for outcomes that propose a call alone.
    """
    if callback is None or outcome.reached or outcome.next_step != NextStep.CALL_AGAIN:
        return None
    days = pause(callback.attempts, branch)
    if days is None:
        return None
    day = trading_days.add(trading_days.today(), days)
    limit = callback.hard_limit_on
    if limit is not None and trading_days.today() < limit < day:
        day = limit
    return NextStep.CALL_AGAIN, day
