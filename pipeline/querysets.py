"""Access in the pipeline: the client scope, or the branch that owns the row (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients.querysets import changed_by, seen_by
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.models import RankingOverride, RankingScore  # noqa: F401

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.models import CaptureLink  # noqa: F401

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from pipeline.models import (  # noqa: F401
        Assessment,
        Campaign,
        Channel,
        ChannelEntry,
        Invitation,
        Lead,
        Opportunity,
        Thanks,
    )


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    """Branch and manager of an opportunity are those of its client."""

    def visible_to(self, employee: Employee) -> Self:
        return self.filter(seen_by(employee))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee))

    def without_next_step(self) -> Self:
        """Open opportunities without a next step and its date."""
        return self.filter(
            models.Q(next_step="") | models.Q(next_step_on__isnull=True), state="open"
        )


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, employee: Employee) -> Self:
        """Assessments of opportunities in sight."""
        return self.filter(seen_by(employee, "opportunity__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "opportunity__"))


def _of_branch(employee: Employee, path: str = "branch") -> models.Q:
    """Rows of the firm, of branches in scope, and of the employee's branch and those above it."""
    scope = employee.branch_scope
    if scope is None:
        return models.Q()
    above = employee.branch.ancestor_ids if employee.branch else []
    near = {*scope, *above}
    return models.Q(**{f"{path}__isnull": True}) | models.Q(**{f"{path}__in": near})


def _changed_in(employee: Employee, path: str = "branch") -> models.Q:
    """Rows that a head may change: those of branches in scope, at the head office all of them."""
    if employee.is_superuser:
        return models.Q()
    if not employee.is_head or not employee.is_active or employee.branch_scope == []:
        return models.Q(pk__in=[])
    if employee.branch_scope is None:
        return models.Q()
    return models.Q(**{f"{path}__in": employee.branch_scope})


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, employee: Employee) -> Self:
        """Channels of the firm and of the employee's branches."""
        return self.filter(_of_branch(employee))

    def editable_by(self, employee: Employee) -> Self:
        """Channels of the branches that the employee heads."""
        return self.filter(_changed_in(employee))

    def in_use(self, *, besides: int | None = None) -> Self:
        """Active channels, and the one with key ``besides``, the present value of a row."""
        return self.filter(Q(is_active=True) | Q(pk=besides or 0))


class ChannelEntryQuerySet(models.QuerySet["ChannelEntry"]):
    def visible_to(self, employee: Employee) -> Self:
        """The employee's own work; for heads that of their branches."""
        if employee.branch_scope == []:
            return self.filter(employee=employee)
        if employee.branch_scope is None:
            return self.all()
        return self.filter(employee__branch__in=employee.branch_scope)

    def editable_by(self, employee: Employee) -> Self:
        """One's own."""
        return self.filter(employee=employee)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, employee: Employee) -> Self:
        """Campaigns of the firm and of the employee's branches."""
        return self.filter(_of_branch(employee))

    def editable_by(self, employee: Employee) -> Self:
        """Campaigns of the branches that the employee heads."""
        return self.filter(_changed_in(employee))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, employee: Employee) -> Self:
        """Invitations of clients in sight."""
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "client__"))


class ThanksQuerySet(models.QuerySet["Thanks"]):
    def visible_to(self, employee: Employee) -> Self:
        """Thanks for clients in sight."""
        return self.filter(seen_by(employee, "referred__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "referred__"))


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, employee: Employee) -> Self:
        """Leads of clients in sight."""
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "client__"))


class CaptureLinkQuerySet(models.QuerySet["CaptureLink"]):
    def visible_to(self, employee: Employee) -> Self:
        """One's own: the code stands for the person."""
        return self.filter(employee=employee)

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(employee=employee)


class CaptureEntryQuerySet(models.QuerySet[Any]):
    """Rows of one client each."""

    def visible_to(self, employee: Employee) -> Self:
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "client__"))


class RankingScoreQuerySet(models.QuerySet["RankingScore"]):
    def visible_to(self, employee: Employee) -> Self:
        """Scores of opportunities in sight."""
        known = employee.is_authenticated and employee.is_active
        if known and (scope := employee.branch_scope):
            return self.filter(branch__in=scope)  # the same rule, by an index of these rows
        return self.filter(seen_by(employee, "opportunity__"))


class RankingOverrideQuerySet(models.QuerySet["RankingOverride"]):
    def visible_to(self, employee: Employee) -> Self:
        """Overrides of opportunities in sight."""
        return self.filter(seen_by(employee, "opportunity__"))

    def editable_by(self, employee: Employee) -> Self:
        """Those of opportunities that the employee may change."""
        return self.filter(changed_by(employee, "opportunity__"))
