"""Who may change how clients of a branch are contacted: its scripts and plans."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.models import Segment
from staff.models import Branch, Employee


def may_change(employee: Employee, branch: Branch | None) -> bool:
    """Whether ``employee`` may change what belongs to ``branch`` (empty: to the firm).

    The firm's is changed by an administrator or the head of the head office; a branch's by the
    heads above it and its own.
    """
    if employee.is_superuser:
        return True
    if not employee.is_head:
        return False
    scope = employee.branch_scope
    return scope is None or (branch is not None and branch.pk in scope)


def changeable(segments: QuerySet[Segment], employee: Employee) -> QuerySet[Segment]:
    """The segments whose scripts and plans ``employee`` may change."""
    if employee.is_superuser:
        return segments
    if not employee.is_head:
        return segments.none()
    scope = employee.branch_scope
    return segments if scope is None else segments.filter(branch__in=scope)


def segments_near(employee: Employee) -> QuerySet[Segment]:
    """The firm's segments and those of branches above, of and below the employee's own."""
    return Segment.objects.filter(employee.near).select_related("branch")
