"""The client list: what is planned next with each client, and what one starts from a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.directory.parts import ListPart, Next, RowAct
from crm import trading_days
from crm.addresses import formatter
from crm.tables import Cell
from staff.models import Employee

# Keys come from clients that were read through the scope; what is confidential is not told here.
_NEXT = """
SELECT DISTINCT ON (k.client_id) k.client_id, k.public_id, k.due_on
FROM visits_callback k
WHERE k.client_id = ANY (%s) AND k.status = 'open' AND NOT k.confidential
ORDER BY k.client_id, k.due_on, k.id
"""


def read(_viewer: Employee, clients: Collection[int]) -> Mapping[int, Next]:
    """The open callback that is due first, by client."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [list(clients)])
        rows: list[tuple[int, UUID, date]] = cursor.fetchall()
    today, to = trading_days.today(), formatter("visits:callback")
    words: dict[date, Cell] = {}
    for _client, _key, day in rows:
        if day not in words:
            words[day] = _cell(day, today)
    return {client: Next(words[day], to(key)) for client, key, day in rows}


def _cell(day: date, today: date) -> Cell:
    same_year = day.year == today.year
    text = date_format(day, "MONTH_DAY_FORMAT") if same_year else day.isoformat()
    if day < today:
        late = {"day": text, "n": (today - day).days}
        return Cell(_("%(day)s, %(n)s d overdue") % late, "crm-pill crm-pill-late")
    if day == today:
        return Cell(_("Today"), "crm-pill crm-pill-today")
    return Cell(text)


PART = ListPart(
    key="callback",
    title=gettext_lazy("Next callback"),
    read=read,
    acts=(
        RowAct("edit", gettext_lazy("Record a contact"), "visits:record"),
        RowAct("calendar", gettext_lazy("Plan a callback"), "visits:plan_callback"),
    ),
    go=gettext_lazy("Call"),
)
