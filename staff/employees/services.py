"""Writes that touch several rows of people: an employee and the postings that follow."""

from __future__ import annotations

from datetime import date

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.operations import EmployeeLeft
from crm.trading_days import today
from staff.models import Branch, Employee, Posting

# Put up by clients/: the database refuses a post that may not own clients while it serves some.
KEEPS_POST = "employee_keeps_post"


@transaction.atomic
def save_employee(*, employee: Employee, on: date | None = None) -> None:
    """Save a new or changed employee; a change of branch ends one posting and begins another.

    ``on`` is the first day in the new branch, today if not given. Raises ValidationError where
    the employee still serves clients and the change would take them the post.
    """
    on = on or today()
    # The one address to which a new password may be sent; it is looked up in small letters.
    employee.email = employee.email.lower()
    EmailAddress.objects.filter(user=employee.pk).delete()
    before = Employee.objects.select_for_update(of=("self",)).filter(pk=employee.pk).first()
    if employee.is_active and employee.left_on and before and not before.is_active:
        employee.left_on = None  # came back
    try:
        with transaction.atomic():
            employee.save()
    except IntegrityError as error:
        if KEEPS_POST in str(error):
            raise ValidationError(
                _("%(name)s still serves clients. Hand them over in the client list first.")
                % {"name": employee}
            ) from error
        raise
    if employee.is_active:
        _post(employee=employee, before=before, on=on)


def _post(*, employee: Employee, before: Employee | None, on: date) -> None:
    """Keep exactly one open posting, in the branch the employee works in."""
    posting = employee.postings.filter(valid_to__isnull=True).first()
    if posting is None and before and before.is_active and before.branch:
        # Came before postings were kept: the first one reaches back to the day they joined.
        posting = _begin(employee, before.branch, timezone.localdate(employee.date_joined))
    if posting and posting.branch_id == employee.branch_id:
        return
    if posting and posting.valid_from >= on:
        # Changed again before the posting took effect: it never was.
        posting.delete()
    elif posting:
        posting.valid_to = on
        posting.save(update_fields=["valid_to"])
    if employee.branch:
        _begin(employee, employee.branch, on)


def _begin(employee: Employee, branch: Branch, on: date) -> Posting:
    return Posting.objects.create(employee=employee, branch=branch, valid_from=on)


def end_posting(event: EmployeeLeft) -> None:
    """Part of the operation ``employee_left``: the open posting ends on that day."""
    posting = event.employee.postings.filter(valid_to__isnull=True).first()
    if posting:
        posting.valid_to = max(posting.valid_from, event.left_on)
        posting.save(update_fields=["valid_to"])
