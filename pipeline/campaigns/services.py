"""Writes of campaigns: the list, replies with a waiting list, check-in, and the end of an event.

Every change of places locks the campaign's row first, so two people at once cannot give
the last place twice. Refused input raises ValidationError with a sentence.
"""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from clients.querysets import ClientQuerySet
from crm.reasons import clean_reason
from crm.trading_days import today
from pipeline.campaigns.audience import WILLING, refusal
from pipeline.models import Campaign, Invitation
from pipeline.notification_kinds import CANCELLED
from staff.models import Employee
from staff.notifications.services import Line, notify
from visits.models import Callback, Occasion
from visits.planning.occasions import OLDEST
from visits.planning.planner import plan_callbacks

Reply = Invitation.Reply
TAKES_A_PLACE = Q(reply=Reply.YES) | Q(checked_in_at__isnull=False)
_INVITE = """
INSERT INTO pipeline_invitation (campaign_id, client_id, invited_by_id, invited_on, reply)
SELECT %s, w.id, %s, %s, '' FROM ({chosen}) w(id)
ON CONFLICT (campaign_id, client_id) DO NOTHING
"""


def lock(campaign: Campaign, *, planned: bool = True) -> Campaign:
    """The locked row. Raises ValidationError if ``planned`` is required and it is over."""
    row = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if planned and row.state == Campaign.State.HELD:
        raise ValidationError(_("This campaign was held already."))
    if planned and row.state == Campaign.State.CANCELLED:
        raise ValidationError(_("This campaign is cancelled."))
    return row


@transaction.atomic
def save_campaign(*, campaign: Campaign, version: int) -> Campaign:
    """Save an edited campaign. Additional places go to the waiting list.

    Raises ValidationError where somebody saved it since ``version``.
    """
    held = lock(campaign)
    if held.version != version:
        raise ValidationError(_("Somebody saved this campaign meanwhile. Reload the page."))
    campaign.version = version + 1
    campaign.save()
    fill_places(campaign)
    return campaign


@transaction.atomic
def invite(*, campaign: Campaign, clients: ClientQuerySet, by: Employee) -> int:
    """Put those of ``clients`` on the list who agree to it; how many are new. One statement."""
    campaign = lock(campaign)
    chosen = clients.filter(WILLING).exclude(lifecycle=Lifecycle.CLOSED).order_by().values("pk")
    try:
        text, params = chosen.query.sql_with_params()
    except EmptyResultSet:  # a saved view that finds nobody, which is known beforehand
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_INVITE.format(chosen=text), [campaign.pk, by.pk, today(), *params])
        return int(cursor.rowcount)


@transaction.atomic
def invite_one(*, campaign: Campaign, client: Client, by: Employee) -> Invitation:
    """Invite one client. Raises ValidationError without consent or if calls are refused."""
    campaign = lock(campaign)
    if sentence := refusal(client):
        raise ValidationError(sentence)
    row, _made = Invitation.objects.get_or_create(
        campaign=campaign, client=client, defaults={"invited_by": by, "invited_on": today()}
    )
    return row


@transaction.atomic
def take_off(*, invitation: Invitation) -> None:
    """Take a client off the list; the guest who has waited longest gets the place."""
    campaign = lock(invitation.campaign)
    if _on_list(invitation).checked_in_at is not None:
        raise ValidationError(_("This client came: the entry stays."))
    Invitation.objects.filter(pk=invitation.pk).delete()
    fill_places(campaign)


@transaction.atomic
def reply(*, invitation: Invitation, answer: str) -> Invitation:
    """Save the client's reply; a "yes" without a free place goes to the waiting list.

    First come, first served: the campaign's row is locked while places are counted.
    """
    campaign = lock(invitation.campaign)
    row = _on_list(invitation)
    if answer not in (Reply.YES, Reply.NO, Reply.NONE):
        raise ValidationError(_("Choose one of the answers."))
    if row.checked_in_at is not None:
        raise ValidationError(_("This client came: the entry stays."))
    if answer == Reply.YES and row.reply in (Reply.YES, Reply.WAITING):
        return row
    if answer == Reply.YES and not _free(campaign):
        answer = Reply.WAITING
    row.reply = answer
    row.replied_on = today() if answer else None
    row.replied_at = timezone.now() if answer else None
    row.save(update_fields=["reply", "replied_on", "replied_at"])
    fill_places(campaign)
    return row


def _on_list(invitation: Invitation) -> Invitation:
    """The row read under lock. Raises ValidationError if it was removed meanwhile."""
    row: Invitation | None = Invitation.objects.filter(pk=invitation.pk).first()
    if row is None:
        raise ValidationError(_("This client is no longer on the list."))
    return row


def _free(campaign: Campaign) -> int:
    """Places left; a large number where there is no limit."""
    if campaign.capacity is None:
        return 1_000_000
    taken = Invitation.objects.filter(TAKES_A_PLACE, campaign=campaign).count()
    return max(campaign.capacity - taken, 0)


def fill_places(campaign: Campaign) -> None:
    """Give free places to those who wait longest."""
    waiting = Invitation.objects.filter(campaign=campaign, reply=Reply.WAITING)
    waiting = waiting.filter(checked_in_at=None).order_by(
        F("replied_at").asc(nulls_first=True), "pk"
    )
    first = list(waiting.values_list("pk", flat=True)[: _free(campaign)])
    if first:
        Invitation.objects.filter(pk__in=first).update(reply=Reply.YES)


@transaction.atomic
def check_in(*, campaign: Campaign, client: Client, by: Employee) -> Invitation:
    """Check in a client, invited or not; idempotent.

    Raises ValidationError before the day of the event and after it was closed.
    """
    campaign = lock(campaign)
    if campaign.starts_on > today():
        raise ValidationError(_("Check-in opens on the day of the event."))
    row, _made = Invitation.objects.get_or_create(
        campaign=campaign, client=client, defaults={"invited_by": by, "invited_on": today()}
    )
    if row.checked_in_at is None:
        row.checked_in_at = timezone.now()
        row.save(update_fields=["checked_in_at"])
    return row


@transaction.atomic
def hold(*, campaign: Campaign, by: Employee) -> int:
    """Close a campaign that took place and plan a call for each attendee; returns their number.

    Raises ValidationError before its day, and for an event with nobody on its list.
    """
    campaign = lock(campaign)
    if campaign.starts_on > today():
        raise ValidationError(_("This campaign has not begun: it is held from its day on."))
    rows = Invitation.objects.filter(campaign=campaign)
    if campaign.needs_list and not rows.exists():
        raise ValidationError(
            _("Nobody is on the list. Invite clients first, or cancel the campaign.")
        )
    came = rows.filter(checked_in_at__isnull=False, client__merged_into=None)
    keys = list(came.exclude(client__lifecycle=Lifecycle.CLOSED).values_list("client", flat=True))
    if campaign.starts_on < today() - OLDEST:
        keys = []
    Occasion.objects.bulk_create(
        [
            Occasion(
                client_id=key,
                kind=Occasion.Kind.EVENT,
                happened_on=campaign.starts_on,
                note=campaign.name,
                source_key=f"campaign:{campaign.pk}:{key}",
                noted_by=by,
            )
            for key in keys
        ],
        ignore_conflicts=True,
    )
    plan_callbacks(clients=keys)
    campaign.state = Campaign.State.HELD
    campaign.version += 1
    campaign.save(update_fields=["state", "version"])
    return _calls_after(campaign, keys)


def _calls_after(campaign: Campaign, keys: list[int]) -> int:
    """How many clients will be called after it: for some nothing is planned."""
    occasions = Occasion.objects.filter(
        client__in=keys, source_key__startswith=f"campaign:{campaign.pk}:"
    )
    named = [f"occasion:{pk}" for pk in occasions.values_list("pk", flat=True)]
    calls = Callback.objects.filter(client__in=keys, kind=Callback.Kind.EVENT)
    waiting = (Callback.Status.OPEN, Callback.Status.MERGED)
    return calls.filter(occurrence__in=named, status__in=waiting).count()


@transaction.atomic
def cancel(*, campaign: Campaign, reason: str, by: Employee) -> int:
    """Cancel a campaign, with a reason; returns the number of managers notified."""
    campaign = lock(campaign)
    reason = clean_reason(reason, missing=_("Say why it is cancelled."))
    campaign.state, campaign.cancelled_because = Campaign.State.CANCELLED, reason
    campaign.version += 1
    campaign.save(update_fields=["state", "cancelled_because", "version"])
    told = Invitation.objects.filter(campaign=campaign).exclude(client__manager=None)
    people = list(told.order_by().values_list("client__manager", flat=True).distinct())
    params = {"name": campaign.name, "reason": campaign.cancelled_because}
    key, url = f"campaign:{campaign.pk}:cancelled", campaign.get_absolute_url()
    notify(CANCELLED, [Line(pk, f"{key}:{pk}", params, url) for pk in people if pk != by.pk])
    return len(people)
