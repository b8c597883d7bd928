"""Clients: one record for life, what is known of them, who serves them and how they are grouped."""

from clients.models.assignment import Assignment
from clients.models.client import (
    Activity,
    Client,
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
from clients.models.numbers import Identity, Phone, RiskAssessment
from clients.models.relation import ContactPerson, ContactPhone, Household, Membership
from clients.models.segment import Segment, SegmentChange, SegmentRule
from clients.models.tag import BulkChange, BulkChangeItem, ClientTag, Tag
from clients.models.transfer import ClientExport, ClientImport, ImportedClient

__all__ = [
    "Activity",
    "Assignment",
    "BulkChange",
    "BulkChangeItem",
    "Client",
    "ClientExport",
    "ClientImport",
    "ClientTag",
    "Consent",
    "ContactPerson",
    "ContactPhone",
    "Household",
    "Identity",
    "ImportedClient",
    "IncomeLevel",
    "InvestmentSize",
    "InvestmentStyle",
    "Kind",
    "Lifecycle",
    "Membership",
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
    "addressed",
]
