"""Closed opportunities of two years, made in bulk."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

from clients.models import Client
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from staff.models import Employee, Policy
from tests.factories import ClientFactory

Won = Callable[[Random, int], bool]


def outcomes(
    manager: Employee,
    count: int,
    won: Won = lambda chance, _row: chance.random() < 0.5,
    told: bool = True,
) -> list[Opportunity]:
    """``count`` of them, one or two a day, known two days after the first step.

    Even rows came by referral and odd ones by leaflet, unless nothing is to be ``told``.
    """
    chance = Random(7)
    new, opened, lost = (Stage.objects.get(key=key) for key in ("new", "opened", "lost"))
    reason = LostReason.objects.first()
    template = ClientFactory(manager=manager, prospect=True)
    clients = []
    start = today() - timedelta(days=600)
    for row in range(count):
        source = ("referral" if row % 2 == 0 else "leaflet") if told else "direct"
        clients.append(
            Client(
                name=f"结果{row}",
                manager=manager,
                branch=template.branch,
                source=source,
                segment=template.segment,
                segment_since=start,
                recorded_on=start,
            )
        )
    Client.objects.bulk_create(clients)
    rows = []
    for row, client in enumerate(clients):
        yes = won(chance, row)
        day = start + timedelta(days=row)
        rows.append(
            Opportunity(
                client=client,
                stage=opened if yes else lost,
                state="won" if yes else "lost",
                lost_reason=None if yes else reason,
                created_on=day,
                stage_since=day,
                closed_on=day + timedelta(days=2),
                kind="account_opening",
            )
        )
    Opportunity.objects.bulk_create(rows)
    StageMove.objects.bulk_create(
        StageMove(opportunity=row, to_stage=new, employee=manager, moved_on=row.created_on)
        for row in rows
    )
    return rows


def policies(**values: int) -> None:
    """Set policies of the firm."""
    for key, value in values.items():
        assert Policy.objects.filter(key=key).update(value=Decimal(value)), key
