"""What the policies that ship mean, and their units, in the reader's language.

Keys are what code asks for; nobody who edits a number should have to guess from one.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MEANINGS: dict[str, str | Promise] = {
    "calendar_client_names": _("Calendar feeds name the client, with title and place"),
    "callback_daily_capacity": _("Callbacks that one person makes on a trading day"),
    "contact_gap_days": _("Least days between two contacts of a client"),
    "contact_merge_days": _("Days within which several reasons become one contact"),
    "departure_visit_days": _("Trading days for the visit after a manager's departure"),
    "escalation_days": _("Trading days overdue after which the branch head is told"),
    "expiry_lead_days": _("Days before a risk test or identity paper ends that its callback is due"),
    "export_approval_rows": _("Clients in an export above which it waits for approval"),
    "export_by_managers": _("Managers and brokers may export their own clients"),
    "figures_commission_high": _("Commission of a year from which the tier is high"),
    "figures_commission_medium": _("Commission of a year from which the tier is medium"),
    "figures_commission_top": _("Commission of a year from which the tier is top"),
    "figures_dormant_assets": _("Assets under which a client is dormant after the shorter silence"),
    "figures_dormant_months": _("Months without a trade after which a client is dormant"),
    "figures_half_dormant_amount": _("Assets and turnover under which a client is half-dormant"),
    "figures_half_dormant_months": _("Months without a trade after which a client is half-dormant"),
    "figures_style_aggressive": _("Turnover of a year, in average assets, from which the style is aggressive"),
    "figures_style_balanced": _("Turnover of a year, in average assets, from which the style is balanced"),
    "new_account_call_days": _("Trading days after opening on which the first call is due"),
    "new_account_window_months": _("Months after opening within which a new account is visited"),
    "prospect.retention_days": _("Days a prospect who never converts is kept after the last contact"),
    "prospect.retention_notice_days": _("Days before deletion that a prospect is listed as expiring"),
    "quiet_from": _("Hour from which no message is sent outside"),
    "quiet_to": _("Hour until which no message is sent outside"),
    "ranking_excluded_age": _("The ranking never looks at age"),
    "ranking_excluded_marital": _("The ranking never looks at marital state"),
    "ranking_excluded_sex": _("The ranking never looks at sex"),
    "ranking_min_each": _("Least opportunities won, and lost, to learn from"),
    "ranking_min_outcomes": _("Least closed opportunities to learn from"),
    "ranking_prior_strength": _("Outcomes that the rate above weighs in a rate with few of its own"),
    "ranking_training_days": _("Days from one training of the ranking to the next"),
    "return_visit_assets_over": _("Assets in CNY from which a client is visited, the first time"),
    "return_visit_extra_days": _(
        "Days for a visit after a departure, a complaint, large assets or flows"
    ),
    "return_visit_flow_over": _("Net flow of a month in CNY, in or out, from which a client is visited"),
    "return_visit_yearly_percent": _(
        "Per cent of the clients of last year's end to be visited in a year"
    ),
    "unreached_attempts": _("Attempts in vain after which another channel is proposed"),
    "unreached_pause_days": _("Trading days until the next try after them"),
}  # fmt: skip

_YES_OR_NO = pgettext_lazy("unit of a policy", "1 yes, 0 no")
_TRADING_DAYS = pgettext_lazy("unit of a policy", "trading days")
UNITS: dict[str, str | Promise] = {
    "0/1": _YES_OR_NO,
    "yes_no": _YES_OR_NO,
    "yes/no": _YES_OR_NO,
    "attempts": pgettext_lazy("unit of a policy", "attempts"),
    "callbacks": pgettext_lazy("unit of a policy", "callbacks"),
    "clients": pgettext_lazy("unit of a policy", "clients"),
    "CNY": pgettext_lazy("unit of a policy", "CNY"),
    "days": pgettext_lazy("unit of a policy", "days"),
    "hour": pgettext_lazy("unit of a policy", "o'clock"),
    "months": pgettext_lazy("unit of a policy", "months"),
    "outcomes": pgettext_lazy("unit of a policy", "outcomes"),
    "percent": pgettext_lazy("unit of a policy", "per cent"),
    "times_a_year": pgettext_lazy("unit of a policy", "times a year"),
    "trading days": _TRADING_DAYS,
    "trading_days": _TRADING_DAYS,
}


def meaning(key: str) -> str:
    """What the number of ``key`` decides; the key of a firm's own number as it is."""
    return str(MEANINGS.get(key, key))


def unit_words(unit: str) -> str:
    """A stored unit in words; a firm's own as it was written."""
    return str(UNITS.get(unit, unit))


def number_words(value: Decimal) -> str:
    """A number without idle zeros."""
    return f"{value.normalize():,f}"
