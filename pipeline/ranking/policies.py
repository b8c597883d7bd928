"""The numbers by which the ranking learns; one model is learnt for the whole firm."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.policies import PolicyDefinition

# PIPL: nobody is scored on what they are.
CITATION = gettext_noop("PIPL art. 24")
PRIOR_STRENGTH = PolicyDefinition(
    key="ranking_prior_strength",
    type="integer",
    unit="outcomes",
    default=20,
    meaning=_("Outcomes that the rate above weighs in a rate with few of its own"),
    scope="firm",
)
MIN_OUTCOMES = PolicyDefinition(
    key="ranking_min_outcomes",
    type="integer",
    unit="outcomes",
    default=500,
    meaning=_("Least closed opportunities to learn from"),
    scope="firm",
)
MIN_EACH = PolicyDefinition(
    key="ranking_min_each",
    type="integer",
    unit="outcomes",
    default=50,
    meaning=_("Least opportunities won, and lost, to learn from"),
    scope="firm",
)
TRAINING_DAYS = PolicyDefinition(
    key="ranking_training_days",
    type="integer",
    unit="days",
    default=7,
    meaning=_("Days from one training of the ranking to the next"),
    bounds=(1, 366),
    scope="firm",
)
EXCLUDED_SEX = PolicyDefinition(
    key="ranking_excluded_sex",
    type="yes_no",
    unit="yes/no",
    default=1,
    meaning=_("The ranking never looks at sex"),
    citation=CITATION,
    scope="firm",
)
EXCLUDED_MARITAL = PolicyDefinition(
    key="ranking_excluded_marital",
    type="yes_no",
    unit="yes/no",
    default=1,
    meaning=_("The ranking never looks at marital state"),
    citation=CITATION,
    scope="firm",
)
EXCLUDED_AGE = PolicyDefinition(
    key="ranking_excluded_age",
    type="yes_no",
    unit="yes/no",
    default=1,
    meaning=_("The ranking never looks at age"),
    citation=CITATION,
    scope="firm",
)
# Of potential capital × probability × timing: the badge of a next best contact.
OPPORTUNITY_HIGH = PolicyDefinition(
    key="ranking_opportunity_high",
    type="integer",
    unit="CNY",
    default=200_000,
    meaning=_("Least capital to be expected of a great opportunity"),
)
OPPORTUNITY_MIDDLE = PolicyDefinition(
    key="ranking_opportunity_middle",
    type="integer",
    unit="CNY",
    default=50_000,
    meaning=_("Least capital to be expected of a middling opportunity"),
)
POLICIES = (
    PRIOR_STRENGTH,
    MIN_OUTCOMES,
    MIN_EACH,
    TRAINING_DAYS,
    EXCLUDED_SEX,
    EXCLUDED_MARITAL,
    EXCLUDED_AGE,
    OPPORTUNITY_HIGH,
    OPPORTUNITY_MIDDLE,
)
