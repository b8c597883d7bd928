"""The bounds by which figures say what a client is; what no row says is not derived."""

from django.utils.translation import gettext_lazy as _

from crm.policies import PolicyDefinition

STYLE_BALANCED = PolicyDefinition(
    key="figures_style_balanced",
    type="decimal",
    unit="times_a_year",
    default=2,
    meaning=_("Turnover of a year, in average assets, from which the style is balanced"),
    without_row="nothing",
)
STYLE_AGGRESSIVE = PolicyDefinition(
    key="figures_style_aggressive",
    type="decimal",
    unit="times_a_year",
    default=8,
    meaning=_("Turnover of a year, in average assets, from which the style is aggressive"),
    without_row="nothing",
)
COMMISSION_MEDIUM = PolicyDefinition(
    key="figures_commission_medium",
    type="decimal",
    unit="CNY",
    default=1000,
    meaning=_("Commission of a year from which the tier is medium"),
    without_row="nothing",
)
COMMISSION_HIGH = PolicyDefinition(
    key="figures_commission_high",
    type="decimal",
    unit="CNY",
    default=10_000,
    meaning=_("Commission of a year from which the tier is high"),
    without_row="nothing",
)
COMMISSION_TOP = PolicyDefinition(
    key="figures_commission_top",
    type="decimal",
    unit="CNY",
    default=50_000,
    meaning=_("Commission of a year from which the tier is top"),
    without_row="nothing",
)
HALF_DORMANT_MONTHS = PolicyDefinition(
    key="figures_half_dormant_months",
    type="integer",
    unit="months",
    default=3,
    meaning=_("Months without a trade after which a client is half-dormant"),
    bounds=(1, 120),
    without_row="nothing",
)
HALF_DORMANT_AMOUNT = PolicyDefinition(
    key="figures_half_dormant_amount",
    type="decimal",
    unit="CNY",
    default=10_000,
    meaning=_("Assets and turnover under which a client is half-dormant"),
    without_row="nothing",
)
DORMANT_MONTHS = PolicyDefinition(
    key="figures_dormant_months",
    type="integer",
    unit="months",
    default=12,
    meaning=_("Months without a trade after which a client is dormant"),
    bounds=(1, 120),
    without_row="nothing",
)
DORMANT_ASSETS = PolicyDefinition(
    key="figures_dormant_assets",
    type="decimal",
    unit="CNY",
    default=1000,
    meaning=_("Assets under which a client is dormant after the shorter silence"),
    without_row="nothing",
)
# By the names that the SQL of ``derive`` has for them.
LIMITS = {
    "style_balanced": STYLE_BALANCED,
    "style_aggressive": STYLE_AGGRESSIVE,
    "commission_medium": COMMISSION_MEDIUM,
    "commission_high": COMMISSION_HIGH,
    "commission_top": COMMISSION_TOP,
    "half_dormant_months": HALF_DORMANT_MONTHS,
    "half_dormant_amount": HALF_DORMANT_AMOUNT,
    "dormant_months": DORMANT_MONTHS,
    "dormant_assets": DORMANT_ASSETS,
}
