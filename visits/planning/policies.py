"""The numbers by which callbacks are planned."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.policies import PolicyDefinition

CAPACITY = PolicyDefinition(
    key="callback_daily_capacity",
    type="integer",
    unit="callbacks",
    default=20,
    meaning=_("Callbacks that one person makes on a trading day"),
    bounds=(0, 1000),
)
CALL_DAYS = PolicyDefinition(
    key="new_account_call_days",
    type="integer",
    unit="trading_days",
    default=5,
    meaning=_("Trading days after opening on which the first call is due"),
    bounds=(0, 250),
)
WINDOW_MONTHS = PolicyDefinition(
    key="new_account_window_months",
    type="integer",
    unit="months",
    default=1,
    meaning=_("Months after opening within which a new account is visited"),
    citation=gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
    ),
    verified=False,
    bounds=(1, 12),
)
DEPARTURE_DAYS = PolicyDefinition(
    key="departure_visit_days",
    type="integer",
    unit="trading_days",
    default=5,
    meaning=_("Trading days for the visit after a manager's departure"),
    verified=False,
    bounds=(0, 60),
)
EXPIRY_DAYS = PolicyDefinition(
    key="expiry_lead_days",
    type="integer",
    unit="days",
    default=30,
    meaning=_("Days before a risk test or identity paper ends that its callback is due"),
    bounds=(0, 366),
)
GAP_DAYS = PolicyDefinition(
    key="contact_gap_days",
    type="integer",
    unit="days",
    default=5,
    meaning=_("Least days between two contacts of a client"),
    bounds=(0, 60),
)
AHEAD_DAYS = PolicyDefinition(
    key="contact_merge_days",
    type="integer",
    unit="days",
    default=14,
    meaning=_("Days within which several reasons become one contact"),
    bounds=(0, 90),
)
POLICIES = (
    CAPACITY,
    CALL_DAYS,
    WINDOW_MONTHS,
    DEPARTURE_DAYS,
    EXPIRY_DAYS,
    GAP_DAYS,
    AHEAD_DAYS,
)
