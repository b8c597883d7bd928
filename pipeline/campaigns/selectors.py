"""Figures of a campaign and the lists behind them, within the viewer's scope."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from clients.models import Client
from pipeline.campaigns.services import TAKES_A_PLACE
from pipeline.channels.services import Figures
from pipeline.models import Campaign, Invitation, Lead
from staff.models import Employee

# ?shown= of the list -> which invitations.
SHOWN: dict[str, Q] = {
    "": Q(),
    "open": Q(reply="", checked_in_at=None),
    "yes": Q(reply="yes"),
    "waiting": Q(reply="waiting", checked_in_at=None),
    "no": Q(reply="no"),
    "came": Q(checked_in_at__isnull=False),
    "absent": Q(reply="yes", checked_in_at=None),
}


def invitations(viewer: Employee, campaign: Campaign, shown: str = "") -> QuerySet[Invitation]:
    """The list as far as the viewer sees its clients."""
    rows = Invitation.objects.visible_to(viewer).filter(campaign=campaign)
    return rows.filter(_shown(campaign).get(shown, Q()), client__merged_into=None)


def may_be_missed(campaign: Campaign) -> bool:
    """Whether somebody can have stayed away: it has begun, and was not cancelled."""
    cancelled = campaign.state == Campaign.State.CANCELLED
    return campaign.starts_at <= timezone.now() and not cancelled


def _shown(campaign: Campaign) -> dict[str, Q]:
    """``SHOWN`` of this campaign: nobody is absent from what has not begun."""
    return SHOWN if may_be_missed(campaign) else {**SHOWN, "absent": Q(pk__in=[])}


def tally(viewer: Employee, campaign: Campaign) -> dict[str, int]:
    """How many of the list are in each state; keys as in ``SHOWN``, the whole list as "all"."""
    rows = invitations(viewer, campaign).order_by()
    named = {key or "all": Count("pk", filter=q) for key, q in _shown(campaign).items()}
    counts: dict[str, int] = rows.aggregate(**named)
    return counts


def places_taken(campaign: Campaign) -> int:
    """Number of places taken, clients out of the viewer's scope included."""
    return Invitation.objects.filter(TAKES_A_PLACE, campaign=campaign).count()


def opened(viewer: Employee, campaign: Campaign) -> QuerySet[Client]:
    """Visible clients who attended or originate from it, and opened an account since its start."""
    came = Invitation.objects.filter(
        campaign=campaign, client=OuterRef("pk"), checked_in_at__isnull=False
    )
    won = Lead.objects.filter(campaign=campaign, client=OuterRef("pk"))
    rows = Client.objects.visible_to(viewer).filter(opened_on__gte=campaign.starts_on)
    return rows.filter(Q(Exists(came)) | Q(Exists(won)))


def campaign_figures(viewer: Employee, campaigns: Collection[Campaign]) -> list[dict[str, Any]]:
    """Figures of each campaign, with numbers of invited and attending guests; four statements.

    Its cost is told to whoever sees all that it may have brought: of the others' openings they
    count a part, and the whole cost for that part would be wrong.
    """
    scope = viewer.branch_scope
    keys = [row.pk for row in campaigns]
    rows = Invitation.objects.visible_to(viewer).filter(campaign__in=keys, client__merged_into=None)
    counted = rows.order_by().values_list("campaign")
    listed = {
        key: {"invited": invited, "came": came}
        for key, invited, came in counted.annotate(
            Count("pk"), came=Count("pk", filter=SHOWN["came"])
        )
    }
    leads = Lead.objects.visible_to(viewer).filter(campaign__in=keys, client__merged_into=None)
    won = dict(leads.order_by().values_list("campaign").annotate(Count("pk")))
    began = F("campaign__starts_at__date")
    by_event = rows.filter(SHOWN["came"], client__opened_on__gte=began)
    by_origin = leads.filter(client__opened_on__gte=began)
    pairs = set(by_event.order_by().values_list("campaign", "client"))
    pairs |= set(by_origin.order_by().values_list("campaign", "client"))
    openings: dict[int, int] = {}
    for campaign, _client in pairs:
        openings[campaign] = openings.get(campaign, 0) + 1
    return [
        {
            "figures": Figures(
                row,
                leads=won.get(row.pk, 0),
                openings=openings.get(row.pk, 0),
                cost=row.cost if scope is None or row.branch_id in scope else None,
            ),
            **listed.get(row.pk, {"invited": 0, "came": 0}),
        }
        for row in campaigns
    ]
