"""Accounts of a client and their figures, in one statement.

The client was fetched through the access rule; accounts of clients merged into it are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection
from django.forms import BaseForm
from django.utils.translation import gettext as _

from clients.models import (
    Client,
    CommissionTier,
    DerivedProfile,
    InvestmentSize,
    InvestmentStyle,
    Market,
    TradingPermission,
)
from clients.models.account import mask_account
from crm import crypto
from crm.localized import listed
from crm.money import yuan

_HELD = """
SELECT a.id, a.client_id, a.ciphertext, a.key_id, a.markets, a.permissions, a.opened_on,
       a.closed_on, a.commission_rate, h.months, h.assets, h.turnover, h.as_of, h.source,
       count(*) OVER (), p.replaced_size, p.replaced_style, p.replaced_on, p.turnover_rate,
       p.idle_months, p.commission, p.commission_tier, p.as_of
FROM clients_fundaccount a
LEFT JOIN LATERAL (
    SELECT array_agg(month ORDER BY month) AS months, array_agg(assets ORDER BY month) AS assets,
           array_agg(turnover ORDER BY month) AS turnover,
           (array_agg(as_of ORDER BY month DESC))[1] AS as_of,
           (array_agg(source ORDER BY month DESC))[1] AS source
    FROM (SELECT * FROM clients_monthlyfigure f WHERE f.account_id = a.id
          ORDER BY f.month DESC LIMIT 12) f
) h ON true
LEFT JOIN clients_derivedprofile p ON p.client_id = %(client)s
WHERE a.client_id IN (SELECT id FROM clients_client
                      WHERE id = %(client)s OR merged_into_id = %(client)s)
ORDER BY a.closed_on DESC NULLS FIRST, a.opened_on, a.id
LIMIT 200
"""
# So many accounts the client file names; all are added up.
SHOWN, ALL = 20, 200
# The drawing of a trend: its box, and a margin so that the line's width is not cut off.
WIDTH, HEIGHT, EDGE = 88, 24, 2


@dataclass(frozen=True)
class Held:
    """One account as the client file shows it."""

    pk: int
    is_own: bool
    masked: str
    rights: str
    opened_on: date
    closed_on: date | None
    rate: str
    # What was last reported, when and by whom; nothing for an account without figures.
    assets: Decimal | None = None
    as_of: date | None = None
    source: str = ""

    @property
    def reveal(self) -> str:
        """Address of the reveal of its number, relative to the client's."""
        return f"reveal/account/{self.pk}/"


@dataclass(frozen=True)
class Holding:
    """All accounts of a client together; months from old to new.

    An account counts with what was last reported of it, until it is closed, as in ``derive``: one
    that a month's file left out does not make the client poorer. ``as_of`` and ``source`` are empty
    where they differ between the accounts, which then say their own.
    """

    accounts: list[Held] = field(default_factory=list)
    more: int = 0
    months: list[date] = field(default_factory=list)
    assets: list[Decimal] = field(default_factory=list)
    # ``None`` where no account states one.
    turnover: list[Decimal | None] = field(default_factory=list)
    as_of: date | None = None
    source: str = ""
    derived: str = ""


def holding(client: Client, shown: int = SHOWN) -> Holding:
    """Accounts, the first ``shown`` of them, and the last twelve months of a client's figures."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"client": client.pk})
        rows = cursor.fetchall()
    accounts: list[Held] = []
    turnover: dict[date, Decimal | None] = {}
    reported: list[tuple[dict[date, Decimal], date | None]] = []
    sources: set[tuple[date, str]] = set()
    for pk, owner, ciphertext, key_id, markets, rights, opened, closed, rate, *figures in rows:
        months, held, turned, as_of, source = figures[:5]
        if len(accounts) < shown:
            masked = mask_account(crypto.decrypt(ciphertext, key_id))
            said = _rights(markets, rights)
            last = (held[-1], as_of, source) if held else (None, None, "")
            own, per = owner == client.pk, per_ten_thousand(rate)
            accounts.append(Held(pk, own, masked, said, opened, closed, per, *last))
        for month, t in zip(months or (), turned or (), strict=True):
            known_so_far = turnover.setdefault(month, None)
            if t is not None:
                turnover[month] = (known_so_far or Decimal(0)) + t
        if held:
            reported.append((dict(zip(months, held, strict=True)), closed))
            if closed is None:
                sources.add((as_of, source))
    known = sorted(turnover)[-12:]
    as_of, source = sources.pop() if len(sources) == 1 else (None, "")
    return Holding(
        accounts=accounts,
        more=rows[0][14] - len(accounts) if rows else 0,
        months=known,
        assets=_totals(known, reported),
        turnover=[turnover[month] for month in known],
        as_of=as_of,
        source=source,
        derived=_derived(*rows[0][15:]) if rows else "",
    )


def _totals(
    months: list[date], reported: list[tuple[dict[date, Decimal], date | None]]
) -> list[Decimal]:
    """Total assets per month; each account with its last reported value."""
    totals = dict.fromkeys(months, Decimal(0))
    for values, closed in reported:
        earlier = [month for month in values if months and month < months[0]]
        last = values[max(earlier)] if earlier else Decimal(0)
        for month in months:
            last = values.get(month, last)
            gone = closed is not None and closed.replace(day=1) <= month not in values
            totals[month] += Decimal(0) if gone else last
    return list(totals.values())


def _rights(markets: list[str], permissions: list[str]) -> str:
    names = [str(Market(name).label) for name in markets]
    names += [str(TradingPermission(name).label) for name in permissions]
    return " · ".join(names)


def per_ten_thousand(rate: Decimal | None) -> str:
    """A commission rate in per ten thousand, such as 2.5‱, 万2.5 in Chinese; '' if unknown."""
    return "" if rate is None else _("%(rate)s‱") % {"rate": f"{(rate * 10_000).normalize():f}"}


def _derived(
    size: str | None,
    style: str | None,
    on: date | None,
    rate: Decimal | None,
    idle: int | None,
    commission: Decimal | None,
    tier: str | None,
    as_of: date | None,
) -> str:
    """The values that the figures replaced, and their source."""
    said = []
    if rate is not None:
        said.append(_("Turned over %(rate)s times a year.") % {"rate": f"{rate.normalize():f}"})
    if commission is not None and tier and as_of:
        said.append(
            _("Commission of a year %(amount)s: %(tier)s (as of %(day)s).")
            % {
                "amount": yuan(commission),
                "tier": CommissionTier(tier).label,
                "day": as_of.isoformat(),
            }
        )
    if idle:
        said.append(_("Months without a trade: %(count)s.") % {"count": idle})
    before = [str(InvestmentSize(size).label)] if size else []
    before += [str(InvestmentStyle(style).label)] if style else []
    if on and before:
        said.append(
            _("Since %(day)s the figures decide; typed before: %(values)s.")
            % {"day": on.isoformat(), "values": listed(before)}
        )
    return " ".join(said)


def say_what_figures_decide(form: BaseForm, client: Client) -> None:
    """Add help texts: figures override an entered size or style."""
    decided = [name for name in ("investment_size", "investment_style") if name in form.fields]
    if not decided or not DerivedProfile.objects.filter(client=client).exists():
        return
    for name in decided:
        form.fields[name].help_text = _(
            "The figures decide this: another choice holds until they are derived next."
        )


def line_points(all_values: Sequence[Decimal | None]) -> str:
    """Points of a trend from old to new for an SVG polyline; '' where there is no trend yet.

    Unknown values are left out.
    """
    values = [value for value in all_values if value is not None]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    if low == high:  # neither at the bottom, which would look like nothing
        return f"{EDGE}.0,{HEIGHT / 2} {WIDTH - EDGE}.0,{HEIGHT / 2}"
    span = float(high - low)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    points = []
    for place, value in enumerate(values):
        x = EDGE + place * step
        y = HEIGHT - EDGE - float(value - low) / span * (HEIGHT - 2 * EDGE)
        points.append(f"{x:.1f},{y:.1f}")
    return " ".join(points)
