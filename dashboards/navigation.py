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
        may=lambda employee: employee.reads_figures,
    ),
    Entry(
        route="dashboards:conversion",
        label=pgettext_lazy("place", "Conversion"),
        icon="board",
        search={"managers": 730, "heads": 730, "compliance": 730},
        may=lambda employee: employee.reads_figures,
    ),
)
