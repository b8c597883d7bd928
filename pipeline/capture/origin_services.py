"""Origin of a client, entered or corrected later: channel and campaign (D-08)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from clients.file.services import lock
from clients.models import Client
from pipeline.models import Campaign, Channel, Lead
from staff.models import Employee

SHOWN = 10


def lead_of(client: Client) -> Lead | None:
    """The origin on record; of one merged into the client where it has none itself."""
    rows = Lead.objects.filter(client__in=client.group).select_related("channel", "campaign")
    return rows.filter(client=client).first() or rows.first()


def choices(viewer: Employee, lead: Lead | None = None) -> dict[str, QuerySet[Any]]:
    """Channels and campaigns to choose from, including present values of ``lead``."""
    channels = Channel.objects.visible_to(viewer).filter(is_active=True)
    campaigns = Campaign.objects.visible_to(viewer).exclude(state=Campaign.State.CANCELLED)
    if lead is not None:
        # Closed, cancelled, or of a branch that the client was handed over from.
        channels |= Channel.objects.filter(pk=lead.channel_id or 0)
        campaigns |= Campaign.objects.filter(pk=lead.campaign_id or 0)
    return {"channel": channels, "campaign": campaigns}


@transaction.atomic
def set_origin(
    *, client: Client, channel: Channel | None, campaign: Campaign | None, by: Employee
) -> Lead:
    """Save the origin of a client; without a channel, that of the campaign is taken.

    A lead that is entered afterwards counts on the day the client was recorded, for whoever serves
    them. Raises ValidationError where nothing is on record and nothing was chosen.
    """
    client = lock(client.pk)
    channel = channel or (campaign.channel if campaign else None)
    lead = lead_of(client)
    if lead is None:
        if channel is None and campaign is None:
            raise ValidationError(_("Choose a channel or a campaign."))
        return Lead.objects.create(
            client=client,
            channel=channel,
            campaign=campaign,
            via=Lead.Via.LATER,
            employee=client.manager or by,
            on=client.recorded_on,
        )
    lead.channel, lead.campaign = channel, campaign
    lead.save(update_fields=["channel", "campaign"])
    return lead


def former(lead: Lead | None) -> list[dict[str, Any]]:
    """Former origins, newest first: channel, campaign, time of change and employee."""
    if lead is None:
        return []
    who = Cast(KeyTextTransform("employee", "pgh_context__metadata"), BigIntegerField())
    events: Any = lead.events  # type: ignore[attr-defined]
    rows = list(
        events.annotate(who=who).select_related("channel", "campaign").order_by("-pgh_id")[:SHOWN]
    )
    names = dict(
        Employee.objects.filter(pk__in={row.who for row in rows}).values_list("pk", "full_name")
    )
    return [
        {
            "channel": row.channel,
            "campaign": row.campaign,
            "at": row.pgh_created_at,
            "by": names.get(row.who, ""),
        }
        for row in rows
    ]
