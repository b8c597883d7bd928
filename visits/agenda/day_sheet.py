"""The day sheet: the day's callbacks on paper. Creating one is logged like an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from clients.models import Phone
from crm import trading_days
from crm.localized import localized
from crm.models import AccessLog
from staff.models import Employee
from visits import wording
from visits.contacts import selectors as contacts_selectors
from visits.models import Callback, Visit

# More than a person can do in a day.
MOST = 100


@dataclass(frozen=True)
class DaySheetRow:
    """One callback on paper."""

    time: str
    place: str
    name: str
    phone: str
    segment: str
    why: str
    script: str
    last: str
    late: bool


def rows(employee: Employee, day: date) -> QuerySet[Callback]:
    """The employee's open callbacks of the day; for today the overdue ones, too."""
    late = Q(due_on__lt=day) if day == trading_days.today() else Q(pk__in=[])
    own = Callback.objects.visible_to(employee).open().filter(employee=employee)
    return own.filter(Q(due_on=day) | late).order_by("due_on", "starts_at", "pk")


def make(employee: Employee, day: date, reason: str) -> list[DaySheetRow]:
    """The rows of the sheet. Writes an entry to the access log with the number of clients."""
    phones = Prefetch("client__phones", Phone.objects.filter(valid_to=None).order_by("-is_primary"))
    due_callbacks = rows(employee, day).select_related("client__segment", "plan__script")
    callbacks = list(due_callbacks.prefetch_related(phones)[:MOST])
    last = _last(employee, {callback.client_id for callback in callbacks})
    lines = [_line(callback, day, last) for callback in callbacks]
    AccessLog.objects.create(
        employee=employee,
        action=AccessLog.Action.EXPORT,
        subject_type="day_sheet",
        subject_id=employee.pk,
        reason=reason,
        row_count=len(lines),
    )
    return lines


def _line(callback: Callback, day: date, last: dict[int, Any]) -> DaySheetRow:
    client, time = callback.client, ""
    if callback.starts_at is not None:
        time = f"{timezone.localtime(callback.starts_at):%H:%M}"
    visit = last.get(client.pk)
    return DaySheetRow(
        time=time,
        place=callback.place,
        name=client.salutation,
        phone=contacts_selectors.masked_phone(client),
        segment=str(client.segment),
        why=str(wording.why(callback, client)),
        script=str(callback.plan.script) if callback.plan and callback.plan.script else "",
        last=_words(visit) if visit else "",
        late=callback.due_on < day,
    )


def _last(employee: Employee, clients: set[int]) -> dict[int, Any]:
    """The newest contact with each client, in one query."""
    visits = Visit.objects.visible_to(employee).filter(client__in=clients, void=False)
    visits = visits.order_by("client_id", "-occurred_at", "-id").distinct("client_id")
    columns = ("client_id", "occurred_on", "notes", "suggestions")
    named = visits.values_list(*columns, "outcome__name_zh", "outcome__name_en", named=True)
    return {row.client_id: row for row in named}


def _words(visit: Any) -> str:
    said = visit.notes or visit.suggestions or str(localized(visit, "outcome__name"))
    cut = said if len(said) <= 80 else f"{said[:80]}…"
    return f"{date_format(visit.occurred_on, 'MONTH_DAY_FORMAT')} · {cut}"
