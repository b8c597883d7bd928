"""Appointments by e-mail to the employee: sent on every change, and on request."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from staff.middleware import name_employee
from staff.models import Employee
from visits import ics
from visits.models import Callback


def announce(callback: Callback, *, withdrawn_from: Employee | None = None) -> None:
    """After the commit, mail an appointment in its state at that time to its employee.

    ``withdrawn_from`` had it until now: to them it is cancelled. Nothing for callbacks without a
    time of day.
    """
    if callback.starts_at is None:
        return
    for employee, gone in ((callback.employee, False), (withdrawn_from, True)):
        if employee is not None and employee.email:
            hint = partial(send_invitation.delay, callback.pk, employee.pk, withdrawn=gone)
            transaction.on_commit(hint, robust=True)


@shared_task
def send_invitation(callback_id: int, employee_id: int, withdrawn: bool = False) -> None:
    """Mail an appointment to an employee for their own calendar."""
    send(callback_id=callback_id, employee_id=employee_id, withdrawn=withdrawn)


def send(*, callback_id: int, employee_id: int, withdrawn: bool = False) -> bool:
    """Send it, if the employee still works here and sees it; whether something was sent."""
    message = prepare(callback_id=callback_id, employee_id=employee_id, withdrawn=withdrawn)
    return bool(message is not None and message.send())


@transaction.atomic
def prepare(*, callback_id: int, employee_id: int, withdrawn: bool = False) -> EmailMessage | None:
    """The letter; ``None`` when the employee left or may no longer see the appointment."""
    employee = Employee.objects.filter(pk=employee_id, is_active=True).first()
    if employee is None or not employee.email:
        return None
    name_employee(employee)
    rows = Callback.objects.visible_to(employee).filter(pk=callback_id, starts_at__isnull=False)
    callback = rows.first()
    if callback is None:
        return None
    gone = withdrawn or callback.status == Callback.Status.CANCELLED
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        subject = _("Appointment cancelled") if gone else _("Appointment")
        url = settings.SITE_URL.rstrip("/") + callback.get_absolute_url()
        message = EmailMessage(subject, f"{subject}\n{url}\n", to=[employee.email])
    method = "CANCEL" if gone else "REQUEST"
    text = ics.invitation(employee, callback, withdrawn=withdrawn).decode()
    message.attach("appointment.ics", text, f"text/calendar; charset=utf-8; method={method}")
    return message
