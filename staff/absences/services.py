"""Days on which somebody is away, and who looks after the clients meanwhile (D-28).

The substitute sees and serves the clients on those days, by ``Employee.covers``: a copy of the
absences in force that the access rule reads without asking more. A tick each minute keeps it.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import operations
from crm.trading_days import today
from staff.models import Absence, Employee

# The longest that one entry may last; who is away longer hands over.
LONGEST = timedelta(days=183)

_REFRESH = """
UPDATE staff_employee e SET covers = n.covers, covers_until = n.until
FROM (SELECT x.id, COALESCE(array_agg(DISTINCT a.employee_id ORDER BY a.employee_id)
                            FILTER (WHERE a.id IS NOT NULL), '{}') AS covers,
             min(a.ends_on) AS until
      FROM staff_employee x
      LEFT JOIN staff_absence a ON a.substitute_id = x.id AND a.cancelled_at IS NULL
          AND %(day)s BETWEEN a.starts_on AND a.ends_on
      WHERE x.covers_until IS NOT NULL OR a.id IS NOT NULL
      GROUP BY x.id) n
WHERE e.id = n.id AND (e.covers, e.covers_until) IS DISTINCT FROM (n.covers, n.until)
"""


@transaction.atomic
def enter(
    *,
    employee: Employee,
    starts_on: date,
    ends_on: date,
    substitute: Employee | None,
    reason: str,
    by: Employee,
) -> Absence:
    """Enter an absence, both days included; callbacks are planned around it in the same transaction.

    Raises ValidationError for a period that is past, too long or overlaps another, and for a
    substitute who may not serve clients or is away as well.
    """
    keys = [employee.pk, *([substitute.pk] if substitute else [])]
    list(Employee.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    _check_period(employee, starts_on, ends_on)
    if substitute is not None:
        _check_substitute(employee, substitute, starts_on, ends_on)
    absence = Absence.objects.create(
        employee=employee,
        starts_on=starts_on,
        ends_on=ends_on,
        substitute=substitute,
        reason=reason.strip(),
        entered_by=by,
    )
    _changed(absence, by)
    return absence


def _check_period(employee: Employee, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if ends_on < today():
        raise ValidationError({"ends_on": _("These days are over: choose days to come.")})
    if ends_on - starts_on > LONGEST or starts_on > today() + 2 * LONGEST:
        raise ValidationError(
            {"ends_on": _("Enter half a year at most. For longer, hand the clients over.")}
        )
    held = _standing(employee, starts_on, ends_on).first()
    if held is not None:
        sentence = _("An absence from %(first)s to %(last)s is entered already.")
        days = {"first": held.starts_on.isoformat(), "last": held.ends_on.isoformat()}
        raise ValidationError({"starts_on": sentence % days})


def _check_substitute(
    employee: Employee, substitute: Employee, starts_on: date, ends_on: date
) -> None:
    if substitute.pk == employee.pk:
        raise ValidationError({"substitute": _("The substitute must be somebody else.")})
    if not substitute.may_own_clients:
        raise ValidationError({"substitute": _("This person may not serve clients.")})
    if _standing(substitute, starts_on, ends_on).exists():
        raise ValidationError({"substitute": _("This person is away in that time as well.")})


def left_alone(absence: Absence) -> list[Absence]:
    """Absences in which this person was to stand in while they are away themselves."""
    rows = Absence.objects.filter(
        substitute=absence.employee_id,
        cancelled_at=None,
        starts_on__lte=absence.ends_on,
        ends_on__gte=absence.starts_on,
    )
    return list(rows.select_related("employee").order_by("starts_on", "pk"))


def _standing(employee: Employee, starts_on: date, ends_on: date) -> QuerySet[Absence]:
    return Absence.objects.filter(
        Q(starts_on__lte=ends_on, ends_on__gte=starts_on), employee=employee, cancelled_at=None
    )


@transaction.atomic
def cancel(*, absence: Absence, by: Employee) -> None:
    """Take an absence back; the substitute's access ends at once. Twice does nothing more."""
    absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if absence.cancelled_at is not None:
        return
    if absence.ends_on < today():
        raise ValidationError(_("These days are over: they stay on record."))
    absence.cancelled_at = timezone.now()
    absence.save(update_fields=["cancelled_at"])
    _changed(absence, by)


def _changed(absence: Absence, by: Employee) -> None:
    refresh_covers()
    event = operations.AbsenceChanged(employee=absence.employee, by=by)
    operations.absence_changed.run(event)


def refresh_covers(day: date | None = None) -> int:
    """Put the copies right for ``day`` (today by default); how many employees changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"day": day or today()})
        return int(cursor.rowcount)
