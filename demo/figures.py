"""Fund accounts of the demo's clients, and a year of monthly figures that fit what is known."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from clients.figures.derive import ENOUGH
from clients.figures.policies import COMMISSION_HIGH, COMMISSION_MEDIUM, COMMISSION_TOP
from clients.models import (
    Activity,
    CommissionTier,
    FundAccount,
    InvestmentSize,
    InvestmentStyle,
    Lifecycle,
    MonthlyFigure,
)
from crm import crypto
from crm.trading_days import today
from demo.bulk import copy_rows, reserve_ids
from demo.people import Person
from staff import policies

ACCOUNT = (
    "id",
    "client_id",
    "ciphertext",
    "key_id",
    "number_index",
    "last4_index",
    "index_version",
    "markets",
    "permissions",
    "opened_on",
    "commission_rate",
    "closed_on",
    "source",
)
FIGURE = (
    "account_id",
    "month",
    "assets",
    "net_inflow",
    "turnover",
    "trades",
    "commission",
    "source",
    "as_of",
)
SOURCE = "柜台月报"
MONTHS = 12
# Within the bounds of each size and style, with room for a year's ups and downs.
ASSETS = {
    InvestmentSize.SMALL: (15_000, 88_000),
    InvestmentSize.MEDIUM: (112_000, 440_000),
    InvestmentSize.LARGE: (560_000, 2_600_000),
    InvestmentSize.VERY_LARGE: (3_400_000, 20_000_000),
}
TURNOVER = {
    InvestmentStyle.CONSERVATIVE: (0.3, 1.7),
    InvestmentStyle.BALANCED: (2.4, 7.0),
    InvestmentStyle.AGGRESSIVE: (9.0, 24.0),
}
PERMISSIONS = {
    InvestmentSize.SMALL: ["{}", "{convertible}"],
    InvestmentSize.MEDIUM: ["{}", "{chinext}", "{chinext,convertible}"],
    InvestmentSize.LARGE: ["{chinext,star}", "{chinext,star,hk_connect}", "{chinext,convertible}"],
    InvestmentSize.VERY_LARGE: [
        "{chinext,star,hk_connect,margin}",
        "{chinext,star,hk_connect,margin,options}",
    ],
}
RATES = ("0.0002500", "0.0003000", "0.0002000", "0.0001500", "0.0005000")
# Of a client's second account, where there is one.
SECOND = 0.2
# Of what is traded, in the back office's list.
COMMISSION = 0.00025
# From which commission of a year on (CNY) a tier begins: the highest first.
TIERS = (
    (COMMISSION_TOP, CommissionTier.TOP),
    (COMMISSION_HIGH, CommissionTier.HIGH),
    (COMMISSION_MEDIUM, CommissionTier.MEDIUM),
)


def months_back() -> list[date]:
    """First days of the last twelve whole months, the latest first."""
    found, day = [], today().replace(day=1)
    for _ in range(MONTHS):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(day)
    return found


def settle_activity(people: list[Person]) -> None:
    """Make each activity one that a year of figures can show: nobody sleeps since before opening."""
    months = months_back()
    for person in people:
        if person.lifecycle != Lifecycle.CLIENT or person.opened_on is None:
            continue
        known = _known(person.opened_on, months)
        calm = person.investment_style == InvestmentStyle.CONSERVATIVE
        if person.activity == Activity.DORMANT and (known < MONTHS or not calm):
            person.activity = Activity.HALF_DORMANT
        if person.activity == Activity.HALF_DORMANT and known < 6:
            person.activity = Activity.ACTIVE


def open_accounts(people: list[Person], random: Random) -> None:
    """Number the accounts of whoever has one; some have two."""
    place = 0
    for person in people:
        for _ in range((2 if random.random() < 0.08 else 1) if person.opened_on else 0):
            place += 1
            # As counters number them: the last digits of neighbours differ.
            person.accounts.append(f"88{place % 97:02}{place * 7919 % 100_000_000:08}")


def settle_tiers(people: list[Person]) -> None:
    """Give each client the commission tier that the year of figures to be written will show."""
    months, bounds = (
        months_back(),
        [(policies.find(policy, on=today()) or 0, tier) for policy, tier in TIERS],
    )
    for person in people:
        year = _year(person, months)
        if len(year) >= ENOUGH:
            shares = list(_shares(person))
            charged = (_charged(traded * share) for _a, _i, traded in year for share in shares)
            whole = sum(map(Decimal, charged), Decimal(0)) * MONTHS / len(year)
            reached = (tier for bound, tier in bounds if whole >= bound)
            person.commission_tier = next(reached, CommissionTier.LOW)


def write_figures(people: list[Person], random: Random) -> int:
    """COPY the accounts and their figures; how many figures."""
    ids = iter(reserve_ids(FundAccount, sum(len(person.accounts) for person in people)))
    held = [(person, [next(ids) for _ in person.accounts]) for person in people if person.accounts]
    copy_rows(FundAccount, ACCOUNT, _accounts(held, random))
    return copy_rows(MonthlyFigure, FIGURE, _figures(held))


def _accounts(held: list[tuple[Person, list[int]]], random: Random) -> Iterator[tuple[Any, ...]]:
    for person, ids in held:
        closed = None
        if not person.is_open:
            closed = max(person.opened_on or date.min, person.last_contact_on or date.min)
        rights = PERMISSIONS[InvestmentSize(person.investment_size or "small")]
        for key, number in zip(ids, person.accounts, strict=True):
            ciphertext, key_id = crypto.encrypt(number)
            yield (
                key,
                person.id,
                ciphertext,
                key_id,
                crypto.blind_index(FundAccount.BLIND_KIND, number),
                crypto.blind_index(f"{FundAccount.BLIND_KIND}-tail", number[-4:]),
                crypto.index_version(),
                random.choice(("{sse,szse}", "{sse,szse,bse}")),
                random.choice(rights),
                person.opened_on,
                random.choice(RATES),
                closed,
                SOURCE,
            )


def _known(opened_on: date, months: list[date]) -> int:
    """Of how many of the months the account has figures."""
    return sum(1 for month in months if month >= opened_on.replace(day=1))


def _shares(person: Person) -> Iterator[float]:
    """What part of the figures each account has."""
    for place in range(len(person.accounts)):
        yield 1.0 if len(person.accounts) == 1 else SECOND if place else 1 - SECOND


def _charged(traded: float) -> str:
    return f"{traded * COMMISSION:.2f}"


def _figures(held: list[tuple[Person, list[int]]]) -> Iterator[tuple[Any, ...]]:
    months = months_back()
    ends = {months[0]: today().replace(day=1) - timedelta(days=1)}
    ends |= {month: later - timedelta(days=1) for later, month in itertools.pairwise(months)}
    for person, ids in held:
        year = _year(person, months)
        for key, share in zip(ids, _shares(person), strict=True):
            for month, (assets, inflow, turnover) in zip(months, year, strict=False):
                traded = turnover * share
                yield (
                    key,
                    month,
                    f"{assets * share:.2f}",
                    f"{inflow * share:.2f}",
                    f"{traded:.2f}",
                    1 + int(traded / 25_000) if traded else 0,
                    _charged(traded),
                    SOURCE,
                    ends[month],
                )


def _year(person: Person, months: list[date]) -> list[tuple[float, float, float]]:
    """Assets, net inflow and turnover of each month, the latest first; always the same."""
    # Of whom size or style is not known yet the back office has not told yet.
    known = bool(person.investment_size and person.investment_style)
    if person.lifecycle != Lifecycle.CLIENT or not known or person.opened_on is None:
        return []
    count, random = _known(person.opened_on, months), Random(person.accounts[0])
    if not count:
        return []
    base = random.uniform(*ASSETS[InvestmentSize(person.investment_size)])
    assets = [base * (0.96 + 0.08 * random.random()) for _ in range(count)]
    rate = random.uniform(*TURNOVER[InvestmentStyle(person.investment_style)])
    weights = [0.3 + random.random() for _ in range(count)]
    if person.activity == Activity.DORMANT:
        weights = [0.0] * count
    if person.activity == Activity.HALF_DORMANT:
        weights[: min(3 + int(base) % 3, count - 1)] = [0.0] * min(3 + int(base) % 3, count - 1)
    whole = sum(weights) or 1.0
    year = rate * sum(assets) / MONTHS  # a share of the year where there are fewer months
    return [
        (held, (held - (assets[place + 1] if place + 1 < count else 0)) * 0.5, year * part / whole)
        for place, (held, part) in enumerate(zip(assets, weights, strict=True))
    ]
