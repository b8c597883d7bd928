"""What a planned firm still lacks: failed attempts, postponed calls, calls set by hand, inbox."""

from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from crm.addresses import address
from crm.trading_days import between, today
from demo.firm import LOGINS
from staff.models import Employee, Notification, Role
from visits.models import Callback


def enliven(random: Random) -> None:
    """Give the accounts to show around with an inbox."""
    for employee in Employee.objects.filter(username__in=LOGINS).order_by("pk"):
        if employee.role in {Role.MANAGER, Role.BROKER}:
            _inbox(employee, random)


def _inbox(employee: Employee, random: Random) -> None:
    """The digests of the last trading days; the newest is unread."""
    days = between(today() - timedelta(days=14), today() - timedelta(days=1))[-3:]
    overdue = Callback.objects.filter(employee=employee, status="open", due_on__lt=today())
    late = overdue.count()
    for place, day in enumerate(days):
        at = timezone.make_aware(datetime.combine(day, time(8, 30)))
        line = Notification.objects.create(
            employee=employee,
            kind=Notification.Kind.DIGEST,
            key=f"demo:{employee.pk}:{day}",
            params={"due": random.randint(7, 12), "overdue": max(0, late - place)},
            url=address("visits:today"),
            read_at=None if place == len(days) - 1 else at + timedelta(minutes=20),
        )
        Notification.objects.filter(pk=line.pk).update(created_at=at)
