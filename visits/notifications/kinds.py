"""What this room tells people of."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.notifications import Figures, Kind, Text


def _digest(figures: Figures) -> Text:
    if figures["ahead"]:
        return _("Callbacks due today: %(due)s, overdue: %(overdue)s, coming up: %(ahead)s")
    return _("Callbacks due today: %(due)s, overdue: %(overdue)s")


DIGEST = Kind(
    "digest",
    _("Callbacks due"),
    _digest,
    {"due": 0, "overdue": 0, "ahead": 0},
    link=lambda: reverse("visits:today"),
)
ESCALATION = Kind(
    "escalation",
    _("Long overdue"),
    _("Long overdue in your branch: %(count)s"),
    {"count": 0},
    link=lambda: reverse("visits:escalations"),
)
OVER_CAPACITY = Kind(
    "over_capacity",
    _("Over capacity"),
    _("Callbacks beyond the capacity of the day: %(count)s"),
    {"count": 0},
    link=lambda: f"{reverse('visits:callbacks')}?status=over_capacity",
)
HOLIDAYS = Kind(
    "holidays",
    _("Holidays missing"),
    _(
        "%(year)s is planned by a provisional calendar."
        " Enter its closed days once they are published."
    ),
    {"year": ""},
    link=lambda: reverse("admin:crm_holiday_changelist"),
)
GIVEN = Kind("callback_given", _("Hand-over"), _("%(name)s gave you a callback"), {"name": ""})
SNOOZE_ASKED = Kind(
    "snooze_asked", _("Snooze"), _("%(name)s asks to put off a callback"), {"name": ""}
)
SNOOZE_DECIDED = Kind(
    "snooze_decided",
    _("Snooze"),
    lambda figures: (
        _("%(name)s has put off your callback as you asked")
        if figures["granted"]
        else _("%(name)s does not put off your callback")
    ),
    {"name": "", "granted": True},
)
KINDS = (DIGEST, ESCALATION, OVER_CAPACITY, HOLIDAYS, GIVEN, SNOOZE_ASKED, SNOOZE_DECIDED)
