"""Writes of exception cases: opened by a return visit, investigated, closed with a conclusion."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Assignment
from compliance.models import CaseStep, ExceptionCase
from compliance.notification_kinds import EXCEPTION_CASE
from compliance.querysets import is_officer
from staff.models import Employee, Role
from staff.notifications.services import Line, notify
from visits.models import Visit

LONGEST_WORDS = 4000
Act = CaseStep.Action


def open_case(*, visit: Visit, findings: Sequence[dict[str, str]]) -> ExceptionCase:
    """Open a case for the answers of a return visit, and notify those who may investigate."""
    client = visit.client
    case = ExceptionCase.objects.create(
        visit=visit, client=client, concerned=client.manager, findings=list(findings)
    )
    CaseStep.objects.create(case=case, action=Act.OPENED, employee=visit.employee)
    key, url = f"exception_case:{case.pk}", case.get_absolute_url()
    notify(
        EXCEPTION_CASE,
        [Line(person.pk, f"{key}:{person.pk}", url=url) for person in _told(case)],
    )
    return case


def _told(case: ExceptionCase) -> list[Employee]:
    """Compliance officers over the branch, and the heads of the nearest branch that has any."""
    path = case.client.branch.ancestor_ids
    people = Employee.objects.filter(is_active=True, branch__in=path).exclude(
        Q(pk=case.concerned_id)
        | Q(pk__in=Assignment.objects.filter(client=case.client).values("employee"))
    )
    heads = people.filter(role__in=[Role.BRANCH_HEAD, Role.REGIONAL_HEAD]).annotate(
        depth=Length("branch__path")
    )
    nearest = heads.order_by("-depth").values_list("depth", flat=True).first() or 0
    officers = people.filter(role=Role.COMPLIANCE)
    return [*officers, *heads.filter(depth=nearest)]


@transaction.atomic
def look_into(*, case: ExceptionCase, by: Employee) -> ExceptionCase:
    """Mark a case as under investigation."""
    row = _locked(case)
    if row.state == ExceptionCase.State.OPEN:
        row.state = ExceptionCase.State.LOOKED_INTO
        row.save(update_fields=["state"])
        CaseStep.objects.create(case=row, action=Act.LOOKED_INTO, employee=by)
    return row


@transaction.atomic
def note(*, case: ExceptionCase, words: str, by: Employee) -> ExceptionCase:
    """Add a note; the first one marks the case as under investigation."""
    row = look_into(case=case, by=by)
    CaseStep.objects.create(case=row, action=Act.NOTE, words=_checked(words), employee=by)
    return row


@transaction.atomic
def close(*, case: ExceptionCase, words: str, by: Employee) -> ExceptionCase:
    """Close a case with its conclusion; compliance officers only."""
    row = _locked(case)
    if not is_officer(by):
        raise ValidationError(_("Compliance closes a case. Write a note instead."))
    words = _checked(words)
    row.state, row.closed_at, row.closed_by = ExceptionCase.State.CLOSED, timezone.now(), by
    row.save(update_fields=["state", "closed_at", "closed_by"])
    CaseStep.objects.create(case=row, action=Act.CLOSED, words=words, employee=by)
    return row


def _locked(case: ExceptionCase) -> ExceptionCase:
    row = ExceptionCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if row.state == ExceptionCase.State.CLOSED:
        raise ValidationError(_("This case is closed. What comes later is a case of its own."))
    return row


def _checked(words: str) -> str:
    words = words.strip()
    if not words:
        raise ValidationError({"words": _("Say what was found.")})
    if len(words) > LONGEST_WORDS:
        raise ValidationError({"words": _("Say it in at most 4,000 characters.")})
    return words
