"""The place of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="compliance:visits",
        label=pgettext_lazy("place", "Return visits"),
        icon="shield",
        side={"heads": 60, "compliance": 30},
        bottom={"compliance": 30},
        # Named for return visits, whatever the role.
        who=lambda employee: employee.makes_return_visits,
        order=800,
        marks_room=True,
    ),
)
