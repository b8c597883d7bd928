"""Attempts that did not reach the client: when to try again, and by which channel."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import trading_days
from crm.policies import PolicyDefinition
from staff import policies
from staff.models import Branch
from visits.models import Callback, Channel, NextStep, Outcome
from visits.planning.policies import CAPACITY

ATTEMPTS = PolicyDefinition(
    key="unreached_attempts",
    type="integer",
    unit="attempts",
    default=3,
    meaning=_("Attempts in vain after which another channel is proposed"),
    bounds=(1, 20),
)
PAUSE_DAYS = PolicyDefinition(
    key="unreached_pause_days",
    type="integer",
    unit="trading days",
    default=5,
    meaning=_("Trading days until the next try after them"),
    bounds=(0, 60),
)
POLICIES = (ATTEMPTS, PAUSE_DAYS)
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
    """The numbers in force today by their keys, in one query; the nearest branch's rows win.

    With what a trading day holds, which the same page asks for.
    """
    found = policies.numbers((*POLICIES, CAPACITY), on=trading_days.today(), branch=branch)
    return {key: int(value) for key, value in found.items() if value is not None}


def rule(policy: PolicyDefinition, branch: Branch | None) -> int:
    """The number in force today; the nearest branch's row wins."""
    return int(policies.number(policy, on=trading_days.today(), branch=branch))


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
    return gettext("Try another channel: %(channel)s") % {"channel": other_channel(channel).label}


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
        sentence = gettext("It must be done by %(day)s: choose an earlier date.")
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
