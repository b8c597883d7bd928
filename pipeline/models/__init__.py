"""The prospect pipeline: opportunities, stages, where prospects come from, campaigns."""

from pipeline.models.campaign import Campaign, Invitation
from pipeline.models.channel import Channel, ChannelEntry, ChannelKind
from pipeline.models.lead import Lead
from pipeline.models.opportunity import Opportunity, StageMove
from pipeline.models.stage import LostReason, OpportunityKind, Stage
from pipeline.models.thanks import Thanks

__all__ = [
    "Campaign",
    "Channel",
    "ChannelEntry",
    "ChannelKind",
    "Invitation",
    "Lead",
    "LostReason",
    "Opportunity",
    "OpportunityKind",
    "Stage",
    "StageMove",
    "Thanks",
]
