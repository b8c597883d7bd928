"""Timeline entries of visits/: contacts, and decisions on callbacks."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client
from crm import timeline
from crm.timeline import Before, Entry, Source
from staff.models import Employee
from visits.contacts import selectors as contacts_selectors
from visits.models import Callback, CallbackChange, Visit


def register() -> None:
    """Called at start-up."""
    timeline.register(Source("visit", 10, gettext_lazy("Contacts"), contacts))
    timeline.register(Source("callback", 20, gettext_lazy("Callbacks"), decisions))


def contacts(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Visits, as far as the viewer may see them."""
    rows = Visit.objects.visible_to(viewer).filter(
        before.moment("visit", "occurred_at"), client__in=client.group
    )
    return [
        entry_of(row)
        for row in contacts_selectors.lines(rows).order_by("-occurred_at", "-id")[:count]
    ]


def entry_of(row: object) -> Entry:
    """A row of ``reports.lines`` as an entry."""
    line = contacts_selectors.line(row)
    at, pk = row.occurred_at, row.id  # type: ignore[attr-defined]
    marks = " ".join(filter(None, [_("void") if line.void else "", line.marks]))
    return Entry(at, "visit", pk, line.icon, line.head, line.text, line.url, marks, line.void)


def decisions(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Callbacks planned by hand, snoozed and cancelled, with their reasons."""
    visible = Callback.objects.visible_to(viewer).filter(client__in=client.group)
    rows = CallbackChange.objects.filter(before.moment("callback", "at"), callback__in=visible)
    rows = rows.select_related("callback", "employee").order_by("-at", "-pk")
    entries = []
    for row in rows[:count]:
        days = [day.isoformat() for day in (row.old_due_on, row.new_due_on) if day]
        head = f"{row.get_action_display()} · {row.employee}"
        url = row.callback.get_absolute_url()
        icon = "snooze" if row.action == CallbackChange.Action.SNOOZED else "callbacks"
        entries.append(
            Entry(row.at, "callback", row.pk, icon, head, row.reason, url, " → ".join(days))
        )
    return entries
