"""The place of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="compliance:visits",
        label=pgettext_lazy("place", "Return visits"),
        icon="shield",
        side={"heads": 310, "compliance": 30},
        bottom={"compliance": 30},
        # Named for return visits, whatever the role.
        who=lambda employee: employee.makes_return_visits,
        order=800,
        marks_room=True,
    ),
    Entry(
        route="compliance:cases",
        label=pgettext_lazy("place", "Cases"),
        icon="alert",
        side={"heads": 320, "compliance": 320},
    ),
    Entry(
        route="compliance:coverage",
        label=pgettext_lazy("place", "Coverage"),
        icon="shield",
        side={"heads": 330, "compliance": 330},
    ),
    Entry(
        route="compliance:visitors",
        label=pgettext_lazy("place", "Visitors"),
        icon="me",
        side={"compliance": 340},
    ),
)
