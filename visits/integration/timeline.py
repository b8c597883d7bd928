"""Timeline entries of visits/: contacts, and decisions on callbacks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client
from crm import timeline
from crm.addresses import address
from crm.timeline import Before, Entry, Source
from staff.models import Employee
from visits.contacts import selectors as contacts_selectors
from visits.models import Callback, CallbackChange, Visit
from visits.wording import CHANNEL_ICONS


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


def entry_of(row: Any) -> Entry:
    """A row of ``contacts_selectors.lines`` as an entry."""
    pairs = tuple((given["prompt"] or given["step"], given["answer"]) for given in row.answers)
    return Entry(
        at=row.occurred_at,
        kind="visit",
        pk=row.id,
        icon=CHANNEL_ICONS.get(row.channel, "message"),
        head=contacts_selectors.said(row),
        text=row.notes or row.suggestions,
        url=address("visits:visit", row.public_id),
        marks=_("void") if row.void else "",
        void=row.void,
        who=row.employee__full_name or row.employee__username or "",
        pairs=pairs,
        badges=tuple(contacts_selectors.ratings(row)),
    )


def decisions(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Callbacks planned by hand, snoozed and cancelled, with their reasons."""
    visible = Callback.objects.visible_to(viewer).filter(client__in=client.group)
    rows = CallbackChange.objects.filter(before.moment("callback", "at"), callback__in=visible)
    rows = rows.select_related("callback", "employee").order_by("-at", "-pk")
    entries = []
    for row in rows[:count]:
        days = [day.isoformat() for day in (row.old_due_on, row.new_due_on) if day]
        head, who = row.get_action_display(), str(row.employee)
        url = row.callback.get_absolute_url()
        icon = "snooze" if row.action == CallbackChange.Action.SNOOZED else "callbacks"
        entries.append(
            Entry(
                row.at, "callback", row.pk, icon, head, row.reason, url, " → ".join(days), who=who
            )
        )
    return entries
