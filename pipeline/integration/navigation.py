"""The place of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="pipeline:board",
        label=pgettext_lazy("place", "Pipeline"),
        icon="pipeline",
        side={"managers": 40, "heads": 40},
        bottom={"managers": 40, "heads": 40},
        marks_room=True,
    ),
)
