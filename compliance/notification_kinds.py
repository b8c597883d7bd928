"""What this room tells people of: it is for them alone."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.notifications import Figures, Kind, Text


def _return_visits(figures: Figures) -> Text:
    if "review" in figures:
        return _(
            "Return visits: %(unassigned)s with nobody to act, %(overdue)s overdue, "
            "%(review)s to be reviewed"
        )
    return _("Return visits due today: %(due)s, overdue: %(overdue)s")


RETURN_VISITS = Kind(
    "return_visits",
    _("Compliance return visits"),
    _return_visits,
    {"due": 0, "overdue": 0},
    link=lambda: reverse("compliance:visits"),
    private=True,
)
EXCEPTION_CASE = Kind(
    "exception_case",
    _("Exception case"),
    _("A return visit opened an exception case"),
    private=True,
)
KINDS = (RETURN_VISITS, EXCEPTION_CASE)
