"""What the demo's clients have agreed to, and the words that stick to them."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from clients.models import ClientTag, Consent, Lifecycle, Tag
from clients.models.consent import By, Purpose
from crm.trading_days import today
from demo.bulk import copy_rows
from demo.firm import Firm
from demo.people import Person

CONSENT = (
    "client_id",
    "purpose",
    "channel",
    "given_on",
    "proof",
    "recorded_by_id",
    "withdrawn_on",
    "withdrawn_how",
)
CLIENT_TAG = ("client_id", "tag_id", "added_by_id", "added_at")
TAGS = ("新股申购", "两融客户", "退休客户", "企业主", "关注新能源", "活动常客")
# Of the first branch alone.
BRANCH_TAG = "周六投教沙龙"
PROOF = {
    By.PHONE: "开户协议第 12 条",
    By.SMS: "短信回复“同意”",
    By.WECHAT: "企业微信确认记录",
    By.EMAIL: "邮件确认",
}


def write_consents(people: list[Person], random: Random) -> None:
    """COPY consents: most to calls, fewer to products and research; some are withdrawn."""
    copy_rows(Consent, CONSENT, _consents(people, random))


def _consents(people: list[Person], random: Random) -> Iterator[tuple[Any, ...]]:
    for person in people:
        if person.manager is None or person.lifecycle != Lifecycle.CLIENT:
            continue
        given = []
        if person.calls_refused or random.random() < 0.7:
            given.append((Purpose.SERVICE, By.PHONE))
        if random.random() < 0.35:
            given.append((Purpose.MARKETING, random.choice([By.SMS, By.WECHAT])))
        if random.random() < 0.15:
            given.append((Purpose.RESEARCH, random.choice([By.WECHAT, By.EMAIL])))
        since = person.opened_on or person.recorded_on
        for purpose, channel in given:
            refused = person.calls_refused and purpose == Purpose.SERVICE
            ended = refused or (purpose == Purpose.MARKETING and random.random() < 0.08)
            day = max(since, today() - timedelta(days=random.randrange(1, 60)))
            yield (
                person.id,
                purpose.value,
                channel.value,
                since,
                PROOF[channel],
                person.manager.pk,
                day if ended else None,
                "客户来电要求" if ended else "",
            )


def write_tags(people: list[Person], firm: Firm, random: Random) -> None:
    """Make tags and COPY who has them."""
    tags = [Tag.objects.create(name=name).pk for name in TAGS]
    first = firm.branches[0]
    own = Tag.objects.create(name=BRANCH_TAG, branch=first).pk
    copy_rows(ClientTag, CLIENT_TAG, _tagged(people, tags, first.pk, own, random))


def _tagged(
    people: list[Person], tags: list[int], branch: int, own: int, random: Random
) -> Iterator[tuple[Any, ...]]:
    for person in people:
        if person.manager is None or random.random() > 0.22:
            continue
        chosen = set(random.sample(tags, random.choice([1, 1, 2])))
        if person.branch_id == branch and random.random() < 0.3:
            chosen.add(own)
        for tag in sorted(chosen):
            yield person.id, tag, person.manager.pk, person.recorded_at
