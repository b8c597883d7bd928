"""The prospect pipeline: opportunities, stages, origins of prospects, campaigns."""

from pipeline.models.assessment import Assessment, Question
from pipeline.models.campaign import Campaign, Invitation
from pipeline.models.capture import CaptureEntry, CaptureLink, PrivacyNotice, RetentionHold
from pipeline.models.channel import Channel, ChannelEntry, ChannelKind
from pipeline.models.lead import Lead
from pipeline.models.opportunity import Opportunity, StageMove
from pipeline.models.ranking import (
    RankingModel,
    RankingOverride,
    RankingRate,
    RankingScore,
    RankingWeights,
)
from pipeline.models.retention import PurgedStatistic, PurgeRun
from pipeline.models.stage import (
    AssessmentKind,
    Competitor,
    LostReason,
    OpportunityKind,
    Stage,
)
from pipeline.models.thanks import Thanks

__all__ = [
    "Assessment",
    "AssessmentKind",
    "Campaign",
    "CaptureEntry",
    "CaptureLink",
    "Channel",
    "ChannelEntry",
    "ChannelKind",
    "Competitor",
    "Invitation",
    "Lead",
    "LostReason",
    "Opportunity",
    "OpportunityKind",
    "PrivacyNotice",
    "PurgeRun",
    "PurgedStatistic",
    "Question",
    "RankingModel",
    "RankingOverride",
    "RankingRate",
    "RankingScore",
    "RankingWeights",
    "RetentionHold",
    "Stage",
    "StageMove",
    "Thanks",
]
