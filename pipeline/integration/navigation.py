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
    Entry(
        route="pipeline:next",
        label=pgettext_lazy("place", "Contact next"),
        icon="star",
        side={"managers": 110, "heads": 110},
    ),
    Entry(
        route="pipeline:campaigns",
        label=pgettext_lazy("place", "Campaigns"),
        icon="meeting",
        side={"managers": 120, "heads": 120},
    ),
    Entry(
        route="pipeline:channels",
        label=pgettext_lazy("place", "Channels"),
        icon="pin",
        side={"managers": 130, "heads": 130},
    ),
    Entry(
        route="pipeline:referrals",
        label=pgettext_lazy("place", "Referrals"),
        icon="transfer",
        side={"managers": 140, "heads": 140},
    ),
    Entry(
        route="pipeline:capture",
        label=pgettext_lazy("place", "New prospect"),
        icon="plus",
        search={"managers": 710, "heads": 710},
        may=lambda employee: employee.may_own_clients,
    ),
    Entry(
        route="pipeline:opportunities",
        label=pgettext_lazy("place", "List of opportunities"),
        icon="pipeline",
        search={"managers": 715, "heads": 715},
    ),
)
