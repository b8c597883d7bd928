"""The places of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry

ENTRIES = (
    Entry(
        route="clients:list",
        label=pgettext_lazy("place", "Clients"),
        icon="clients",
        side={"managers": 20, "heads": 20, "compliance": 10},
        bottom={"managers": 20, "heads": 20, "compliance": 10},
        marks_room=True,
        hits="clients:search",
    ),
    # On a phone, the quickest way to record a contact begins with the search.
    Entry(
        route="clients:list",
        fragment="search",
        label=pgettext_lazy("place", "Record"),
        icon="record",
        bottom={"managers": 30},
    ),
    Entry(
        route="clients:figure_imports",
        label=pgettext_lazy("place", "Figures"),
        icon="upload",
        side={"heads": 70, "compliance": 50, "operations": 20},
        bottom={"operations": 20},
    ),
)
