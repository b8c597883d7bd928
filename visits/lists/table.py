"""The columns of the lists of callbacks, of their groups and of contacts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tables import Column

# The right to see whose work it is: in a book of one's own all is the same person's.
MANAGERS = "managers"

CALLBACKS = (
    Column("client", _("Client")),
    Column("due", _("Due")),
    Column("assets", _("Assets (CNY)"), css="num"),
    Column("segment", _("Segment")),
    Column("kind", _("Kind")),
    Column("manager", _("Manager"), needs=MANAGERS),
    Column("status", _("Status")),
)
GROUPS = (
    Column("group", _("Group")),
    Column("count", _("Callbacks"), css="num"),
    Column("late", _("Overdue"), css="num"),
)
CONTACTS = (
    Column("date", _("Date")),
    Column("client", _("Client")),
    Column("outcome", _("Outcome")),
    Column("channel", _("Channel")),
    Column("manager", _("Manager")),
    Column("service", _("Service"), css="num crm-wide"),
    Column("information", pgettext_lazy("satisfaction", "Information"), css="num crm-wide"),
)
