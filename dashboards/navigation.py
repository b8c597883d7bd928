"""The place of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="dashboards:board",
        label=pgettext_lazy("place", "Board"),
        icon="board",
        side={"managers": 50, "heads": 10, "compliance": 40},
        bottom={"heads": 10, "compliance": 40},
        marks_room=True,
    ),
)
