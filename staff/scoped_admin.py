"""Reference data that may belong to a branch: the branch edits its own, the firm edits all."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin_base import CrmAdmin, ReadOnlyAdmin, Rows
from staff.models import Branch, Employee


def own_branches(request: HttpRequest) -> list[int] | None:
    """Keys of the branches whose data this person administers; ``None`` means the firm."""
    employee = request.user
    if not isinstance(employee, Employee) or not employee.is_active:
        return []
    if employee.administers_firm:
        return None
    return employee.branch.subtree_ids() if employee.branch else []


def shown_branches(request: HttpRequest) -> list[int] | None:
    """The same with the branches above, whose rows hold in this branch too."""
    own = own_branches(request)
    if not own:
        return own
    branch = request.user.branch if isinstance(request.user, Employee) else None
    above = branch.ancestor_ids if branch else []
    return [*own, *above]


class ScopeFilter(admin.SimpleListFilter):
    """Rows of the firm, or of branches."""

    title = gettext_lazy("scope")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Firm or branch."""
        return [("firm", _("Whole firm")), ("branch", _("Branches"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Only the chosen ones."""
        if self.value() is None:
            return queryset
        return queryset.filter(**{f"{_path(queryset.model)}__isnull": self.value() == "firm"})


def _path(model: Any) -> str:
    page = admin.site.get_model_admin(model)
    return str(getattr(page, "branch_path", "branch"))


class OfOwnBranchesAdmin(ReadOnlyAdmin):
    """Rows of one's own branches and those below, to look at; ``branch_path`` leads to the branch."""

    branch_path = "employee__branch"

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Those of one's own branches."""
        own = own_branches(request)
        return rows if own is None else rows.filter(**{f"{self.branch_path}__in": own})


class BranchOwnedAdmin(CrmAdmin):
    """A row is the firm's (no branch) or a branch's. ``branch_path`` leads to the branch.

    Staff of a branch see what holds there and edit the rows of their own branch and below.
    """

    branch_path = "branch"

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """The firm's rows, and those of branches above, at and below one's own."""
        shown = shown_branches(request)
        if shown is None:
            return rows
        path = self.branch_path
        return rows.filter(Q(**{f"{path}__isnull": True}) | Q(**{f"{path}__in": shown}))

    def may_edit(self, request: HttpRequest, row: Any) -> bool:
        """Whether the row belongs to a branch that this person administers."""
        if row is None:  # asked for every table on every page
            return True
        own = own_branches(request)
        if own is None:
            return True
        for name in self.branch_path.split("__"):
            row = getattr(row, name)
        return row is not None and row.pk in own

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Own rows."""
        return self.may_edit(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Own rows."""
        return self.may_edit(request, obj) and super().has_delete_permission(request, obj)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Only rows of one's own branches may own a new row; the rest is to look at."""
        rows = super().get_field_queryset(db, db_field, request)
        own = own_branches(request)
        first = self.branch_path.split("__")[0]
        if own is None or rows is None or db_field.name != first:
            return rows
        if db_field.remote_field.model is Branch:
            return rows.filter(pk__in=own)
        inner = self.branch_path.removeprefix(f"{first}__")
        return rows.filter(**{f"{inner}__in": own})

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Staff of a branch name it: a row without a branch would be the firm's."""
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get(self.branch_path)
        if field is not None and own_branches(request) is not None:
            field.required = True
            field.help_text = ""
        return form
