"""The places of this room in the navigation, and which audience an employee belongs to."""

from django.utils.translation import pgettext_lazy

from crm.navigation import Audience, Entry
from staff.models import HEADS, Employee, Role

ENTRIES = (
    Entry(
        route="staff:notifications",
        label=pgettext_lazy("place", "Notifications"),
        icon="bell",
        side={"operations": 10},
        bottom={"operations": 10},
    ),
    Entry(
        route="staff:me",
        label=pgettext_lazy("place", "More"),
        icon="more",
        bottom={"managers": 90, "heads": 90, "compliance": 90, "operations": 90},
        marks_room=True,
    ),
    Entry(
        route="admin:index",
        label=pgettext_lazy("place", "Administration"),
        icon="admin",
        who=lambda employee: employee.is_staff,
        order=900,
    ),
    Entry(
        route="staff:styleguide",
        label=pgettext_lazy("place", "Style guide"),
        icon="eye",
        search={"heads": 950, "operations": 950, "compliance": 950, "managers": 950},
        may=lambda employee: employee.is_superuser,
    ),
    Entry(
        route="staff:runs",
        label=pgettext_lazy("place", "Runs"),
        icon="clock",
        who=lambda employee: employee.is_staff and employee.administers_firm,
        order=910,
    ),
    Entry(
        route="staff:absences",
        label=pgettext_lazy("place", "Absences"),
        icon="calendar",
        side={"managers": 180, "heads": 260},
    ),
    Entry(
        route="staff:jobs",
        label=pgettext_lazy("place", "Jobs"),
        icon="refresh",
        side={"managers": 530, "heads": 550, "compliance": 540, "operations": 30},
    ),
    Entry(
        route="staff:enter_absence",
        label=pgettext_lazy("place", "Enter an absence"),
        icon="calendar",
        search={"managers": 725, "heads": 725},
        may=lambda employee: employee.may_own_clients,
    ),
)


def audience_of(employee: Employee) -> Audience:
    """An administrator, who has no rank of the ladder, is offered what a head is."""
    if employee.role == Role.OPERATIONS:
        return "operations"
    if employee.role == Role.COMPLIANCE:
        return "compliance"
    if employee.role in HEADS or employee.is_superuser:
        return "heads"
    return "managers"
