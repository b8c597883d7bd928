"""The numbers by which people are reminded."""

from django.utils.translation import gettext_lazy as _

from crm.policies import PolicyDefinition

ESCALATION_DAYS = PolicyDefinition(
    key="escalation_days",
    type="integer",
    unit="trading_days",
    default=3,
    meaning=_("Trading days overdue after which the branch head is told"),
    bounds=(0, 250),
    without_row="nothing",
)
QUIET_FROM = PolicyDefinition(
    key="quiet_from",
    type="hour",
    unit="hour",
    default=21,
    meaning=_("Hour from which no message is sent outside"),
    without_row="nothing",
)
QUIET_TO = PolicyDefinition(
    key="quiet_to",
    type="hour",
    unit="hour",
    default=8,
    meaning=_("Hour until which no message is sent outside"),
    without_row="nothing",
)
POLICIES = (ESCALATION_DAYS, QUIET_FROM, QUIET_TO)
