"""The places of this room in the navigation."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Entry
from visits.agenda.today import waiting as waiting_today

ENTRIES = (
    Entry(
        route="visits:today",
        label=pgettext_lazy("place", "Today"),
        icon="today",
        side={"managers": 10, "heads": 50},
        count=waiting_today,
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
    Entry(
        route="visits:calendar",
        label=pgettext_lazy("place", "Calendar"),
        icon="calendar",
        side={"managers": 35, "heads": 55},
    ),
    Entry(
        route="visits:list",
        label=pgettext_lazy("place", "Contacts made"),
        icon="record",
        side={"managers": 150, "heads": 230, "compliance": 25},
    ),
    Entry(
        route="visits:suggestions",
        label=pgettext_lazy("place", "Suggestions"),
        icon="message",
        side={"managers": 160, "heads": 240},
    ),
    Entry(
        route="visits:lessons",
        label=pgettext_lazy("place", "Effectiveness"),
        icon="bulb",
        side={"managers": 170, "heads": 250},
    ),
    Entry(
        route="visits:escalations",
        label=pgettext_lazy("place", "Long overdue"),
        icon="alert",
        side={"heads": 210},
    ),
    Entry(
        route="visits:plans",
        label=pgettext_lazy("place", "Plans"),
        icon="clock",
        side={"managers": 410, "heads": 420},
    ),
    Entry(
        route="visits:scripts",
        label=pgettext_lazy("place", "Scripts"),
        icon="script",
        side={"managers": 420, "heads": 430},
    ),
    Entry(
        route="visits:sheet",
        label=pgettext_lazy("place", "Day sheet"),
        icon="file",
        search={"managers": 720, "heads": 720},
    ),
)
