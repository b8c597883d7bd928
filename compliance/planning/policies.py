"""The numbers by which return visits are planned; those of new accounts are those of callbacks."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.policies import PolicyDefinition
from visits.planning.policies import WINDOW_MONTHS

CITATION = gettext_noop("Firms' return-visit policies; SAC rules (2023)")
YEARLY_PERCENT = PolicyDefinition(
    key="return_visit_yearly_percent",
    type="decimal",
    unit="percent",
    default=10,
    meaning=_("Per cent of the clients of last year's end to be visited in a year"),
    citation=gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
        " and SAC rules (2023)"
    ),
    verified=False,
    bounds=(0, 100),
    without_row="nothing",
)
EXTRA_DAYS = PolicyDefinition(
    key="return_visit_extra_days",
    type="integer",
    unit="days",
    default=30,
    meaning=_("Days for a visit after a departure, a complaint, large assets or flows"),
    citation=CITATION,
    verified=False,
    bounds=(0, 366),
)
ASSETS_OVER = PolicyDefinition(
    key="return_visit_assets_over",
    type="decimal",
    unit="CNY",
    default=10_000_000,
    meaning=_("Assets in CNY from which a client is visited, the first time"),
    citation=CITATION,
    verified=False,
)
FLOW_OVER = PolicyDefinition(
    key="return_visit_flow_over",
    type="decimal",
    unit="CNY",
    default=5_000_000,
    meaning=_("Net flow of a month in CNY, in or out, from which a client is visited"),
    citation=CITATION,
    verified=False,
    without_row="nothing",
)
# As they are listed.
ALL = (WINDOW_MONTHS, YEARLY_PERCENT, EXTRA_DAYS, ASSETS_OVER, FLOW_OVER)
POLICIES = (YEARLY_PERCENT, EXTRA_DAYS, ASSETS_OVER, FLOW_OVER)
