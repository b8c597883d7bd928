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
        side={"heads": 510, "compliance": 510, "operations": 20},
        bottom={"operations": 20},
    ),
    Entry(
        route="clients:hand_overs",
        label=pgettext_lazy("place", "Hand-overs"),
        icon="transfer",
        side={"managers": 510, "heads": 220, "compliance": 520},
    ),
    Entry(
        route="clients:segments",
        label=pgettext_lazy("place", "Segments"),
        icon="filter",
        side={"heads": 410},
    ),
    Entry(
        route="clients:imports",
        label=pgettext_lazy("place", "Imports"),
        icon="upload",
        side={"heads": 520},
    ),
    Entry(
        route="clients:exports",
        label=pgettext_lazy("place", "Exports"),
        icon="download",
        side={"managers": 520, "heads": 530, "compliance": 530},
    ),
    Entry(
        route="clients:duplicates",
        label=pgettext_lazy("place", "Duplicates"),
        icon="clients",
        side={"heads": 540},
    ),
    Entry(
        route="clients:create",
        label=pgettext_lazy("place", "New client"),
        icon="plus",
        search={"managers": 700, "heads": 700},
        may=lambda employee: employee.may_own_clients,
    ),
    Entry(
        route="clients:ask_hand_over",
        label=pgettext_lazy("place", "Hand clients over"),
        icon="transfer",
        search={"managers": 705, "heads": 705},
        may=lambda employee: employee.may_own_clients,
    ),
)
