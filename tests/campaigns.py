"""A campaign and its surroundings, for tests that speak of them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Client, Consent
from crm.trading_days import today
from pipeline.models import Campaign, Channel, ChannelEntry, Invitation, Lead, Thanks
from staff.models import Branch, Employee


def consent(client: Client, by: Employee) -> Consent:
    """The client agrees to products and events."""
    return Consent.objects.create(
        client=client,
        purpose="marketing",
        channel="phone",
        given_on=today(),
        proof="录音",
        recorded_by=by,
    )


def campaign(branch: Branch | None, by: Employee, **values: Any) -> Campaign:
    """An event of this hour, planned, unless ``values`` say otherwise."""
    begins = values.pop("starts_at", timezone.now())
    return Campaign.objects.create(
        name=values.pop("name", "报告会"),
        branch=branch,
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        created_by=by,
        **values,
    )


def invited(row: Campaign, client: Client, by: Employee, **values: Any) -> Invitation:
    return Invitation.objects.create(
        campaign=row, client=client, invited_by=by, invited_on=today(), **values
    )


def pipeline_rows(manager: Employee, client: Client, prospect: Client) -> list[Any]:
    """One row of each table of channels, campaigns and referrals."""
    channel = Channel.objects.create(name="官网", kind="online")
    event = campaign(manager.branch, manager, channel=channel)
    return [
        channel,
        ChannelEntry.objects.create(channel=channel, employee=manager, on=today(), visits=2),
        event,
        invited(event, client, manager),
        Lead.objects.create(
            client=prospect, channel=channel, via="quick", employee=manager, on=today()
        ),
        Thanks.objects.create(
            referrer=client, referred=prospect, how="call", on=today(), employee=manager
        ),
    ]
