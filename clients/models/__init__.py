"""Clients: one record for life, with their data, assignments and segments."""

from clients.models.account import (
    DerivedProfile,
    FigureDifference,
    FigureImport,
    FundAccount,
    Market,
    MonthlyFigure,
    TradingPermission,
    mask_account,
)
from clients.models.assignment import Assignment
from clients.models.client import (
    Activity,
    AgeBand,
    Client,
    CommissionTier,
    IncomeLevel,
    InvestmentSize,
    InvestmentStyle,
    Kind,
    Lifecycle,
    ProspectType,
    RiskGrade,
    Source,
    Title,
    addressed,
)
from clients.models.consent import Consent
from clients.models.document import Document
from clients.models.hand_over import HandOver, HandOverItem
from clients.models.merge import ClientMerge, NotDuplicate
from clients.models.numbers import Identity, Phone, RiskAssessment
from clients.models.relation import ContactPerson, ContactPhone, Household, Membership
from clients.models.segment import Segment, SegmentChange, SegmentRule
from clients.models.tag import BulkChange, BulkChangeItem, ClientTag, Tag
from clients.models.transfer import ClientExport, ClientImport, ImportedClient

__all__ = [
    "Activity",
    "AgeBand",
    "Assignment",
    "BulkChange",
    "BulkChangeItem",
    "Client",
    "ClientExport",
    "ClientImport",
    "ClientMerge",
    "ClientTag",
    "CommissionTier",
    "Consent",
    "ContactPerson",
    "ContactPhone",
    "DerivedProfile",
    "Document",
    "FigureDifference",
    "FigureImport",
    "FundAccount",
    "HandOver",
    "HandOverItem",
    "Household",
    "Identity",
    "ImportedClient",
    "IncomeLevel",
    "InvestmentSize",
    "InvestmentStyle",
    "Kind",
    "Lifecycle",
    "Market",
    "Membership",
    "MonthlyFigure",
    "NotDuplicate",
    "Phone",
    "ProspectType",
    "RiskAssessment",
    "RiskGrade",
    "Segment",
    "SegmentChange",
    "SegmentRule",
    "Source",
    "Tag",
    "Title",
    "TradingPermission",
    "addressed",
    "mask_account",
]
