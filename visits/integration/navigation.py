"""The places of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="visits:today",
        label=pgettext_lazy("place", "Today"),
        icon="today",
        side={"managers": 10, "heads": 50},
        bottom={"managers": 10, "heads": 30},
        marks_room=True,
    ),
    Entry(
        route="visits:callbacks",
        label=pgettext_lazy("place", "Callbacks"),
        icon="callbacks",
        side={"managers": 30, "heads": 30, "compliance": 20},
        bottom={"compliance": 20},
    ),
)
