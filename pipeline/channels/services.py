"""Costs and results of channels within the viewer's scope, and writes of channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.shares import Share
from crm.trading_days import today
from pipeline.models import Campaign, Channel, ChannelEntry, Lead
from pipeline.period import Period
from staff import small_samples
from staff.models import Employee

# Work is entered on the day or soon after; a slip in the year is refused.
OLDEST_ENTRY = timedelta(days=92)


@dataclass(frozen=True)
class Figures:
    """A channel or campaign and its figures; costs in CNY."""

    row: Any
    leads: int = 0
    # Accounts opened in the period of clients whose lead came this way, whenever that was.
    openings: int = 0
    # Of the leads of the period, those that have opened an account so far.
    opened: int = 0
    enough: int = 0
    # None where more than the viewer's part of it was paid for the openings counted here.
    cost: Decimal | None = Decimal(0)
    visits: int = 0
    leaflets: int = 0

    @property
    def cost_per_opening(self) -> Decimal | None:
        """CNY per opened account; nothing where none was opened, or the cost is not theirs alone."""
        return self.cost / self.openings if self.openings and self.cost is not None else None

    @property
    def conversion(self) -> Share:
        """How many of the leads have opened an account so far."""
        return Share(self.leads, self.opened, self.enough)


def channel_figures(
    viewer: Employee, channels: Collection[Channel], period: Period
) -> list[Figures]:
    """Figures of ``channels``: six statements, however many channels.

    Leads count by the day they were taken down, openings by the day of the opening
    (docs/figures.md#figures-and-what-they-count). A head's cost holds what was entered and what the branch's campaigns in the channel cost.
    """
    keys = [channel.pk for channel in channels]
    days = (period.since, period.until)
    entries = ChannelEntry.objects.visible_to(viewer).filter(channel__in=keys, on__range=days)
    work = _by(
        entries.order_by().values("channel"),
        visits=Sum("visits"),
        leaflets=Sum("leaflets"),
        cost=Sum("cost"),
    )
    leads = Lead.objects.visible_to(viewer).filter(channel__in=keys, client__merged_into=None)
    leads = leads.order_by()
    taken = _by(
        leads.filter(on__range=days).values("channel"),
        leads=Count("pk"),
        opened=Count("pk", filter=Q(client__opened_on__isnull=False)),
    )
    won = _by(leads.filter(client__opened_on__range=days).values("channel"), openings=Count("pk"))
    events = _by(_campaigns(viewer, keys, period).values("channel"), cost=Sum("cost"))
    enough = small_samples.enough()
    figures = []
    for channel in channels:
        done = work.get(channel.pk, {})
        cost = (done.get("cost") or 0) + events.get(channel.pk, {}).get("cost", Decimal(0))
        figures.append(
            Figures(
                channel,
                cost=Decimal(cost),
                visits=done.get("visits", 0),
                leaflets=done.get("leaflets", 0),
                enough=enough,
                **taken.get(channel.pk, {}),
                **won.get(channel.pk, {}),
            )
        )
    return figures


def _campaigns(viewer: Employee, channels: Collection[int], period: Period) -> Any:
    """Campaigns whose cost is the viewer's to count: a head's branches', not cancelled."""
    rows = Campaign.objects.filter(channel__in=channels).exclude(state=Campaign.State.CANCELLED)
    scope = viewer.branch_scope
    if scope is not None:
        rows = rows.filter(branch__in=scope)
    begin = timezone.make_aware(datetime.combine(period.since, time.min))
    end = timezone.make_aware(datetime.combine(period.until + timedelta(days=1), time.min))
    return rows.filter(starts_at__gte=begin, starts_at__lt=end).order_by()


def campaigns_in(viewer: Employee, channel: Channel, period: Period) -> list[Campaign]:
    """Campaigns whose cost is part of the channel's figure."""
    return list(_campaigns(viewer, [channel.pk], period).order_by("-starts_at", "-pk"))


def _by(rows: Any, **sums: Any) -> dict[int, dict[str, Any]]:
    return {row.pop("channel"): row for row in rows.annotate(**sums)}


@transaction.atomic
def enter_work(*, entry: ChannelEntry) -> ChannelEntry:
    """Save a day's work in a channel, new or corrected by its author.

    Raises ValidationError for a day to come or long past, an empty entry and a closed channel.
    """
    if entry.on > today():
        raise ValidationError({"on": _("Choose today or a day before.")})
    if entry.on < today() - OLDEST_ENTRY:
        raise ValidationError({"on": _("That is more than three months ago: check the date.")})
    if not (entry.visits or entry.leaflets or entry.cost):
        raise ValidationError(_("Enter visits, leaflets or a cost."))
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=entry.channel_id)
    if not channel.is_active and entry.pk is None:
        raise ValidationError(_("This channel is closed. Choose another."))
    entry.save()
    return entry


@transaction.atomic
def close_or_delete(*, channel: Channel) -> bool:
    """Delete a channel that was never used, close one in use; whether it was deleted."""
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    if any(rows.exists() for rows in (channel.entries, channel.leads, channel.campaigns)):
        channel.is_active = False
        channel.save(update_fields=["is_active"])
        return False
    channel.delete()
    return True
