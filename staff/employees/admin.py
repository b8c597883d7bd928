"""Administration of employees: role, branch, employment, certificate, login and rights.

``clients/`` extends this page with what follows from serving clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from crm.admin_base import CrmAdmin, ReadOnlyInline, Rows, ScopedRelatedFilter
from crm.rights import SpokenRights
from staff.employees.services import save_employee
from staff.models import Employee, Posting
from staff.scoped_admin import own_branches

if TYPE_CHECKING:
    ChangeForm = UserChangeForm[Employee]
    CreationForm = AdminUserCreationForm[Employee]
    PasswordForm = AdminPasswordChangeForm[Employee]
    BaseUserAdmin = UserAdmin[Employee]
else:
    ChangeForm = UserChangeForm
    CreationForm = AdminUserCreationForm
    PasswordForm = AdminPasswordChangeForm
    BaseUserAdmin = UserAdmin


class EmployeeForm(ChangeForm):
    """An employee that exists. Branch staff do not hand out what reaches beyond their branch."""

    class Meta(UserChangeForm.Meta):
        model = Employee
        fields = "__all__"


class NewEmployeeForm(CreationForm):
    """A new employee, with a password to be changed at the first login."""

    class Meta(AdminUserCreationForm.Meta):
        model = Employee
        fields = ("username",)


class NewPasswordForm(PasswordForm):
    """Another password for somebody, who changes it at the next login."""

    def save(self, commit: bool = True) -> Employee:
        """With the mark; a login without a password needs none."""
        self.user.must_change_password = self.cleaned_data["set_usable_password"]
        return super().save(commit)


class PostingInline(ReadOnlyInline):
    """Where the employee worked."""

    model = Posting
    fields = ("branch", "valid_from", "valid_to")
    ordering = ("-valid_from",)


@admin.register(Employee)
class EmployeeAdmin(CrmAdmin, SpokenRights, BaseUserAdmin):
    """People and their logins. Nobody is deleted: they leave."""

    task = "people"
    place = 10
    about = gettext_lazy("Who works here: role, branch, login, certificate, and leaving.")
    form = EmployeeForm
    add_form = NewEmployeeForm
    change_password_form = NewPasswordForm
    fieldsets = (
        (None, {"fields": ("username", "password", "full_name", "email", "phone", "language")}),
        (gettext_lazy("Post"), {"fields": ("role", "branch", "employment", "left_on")}),
        (
            gettext_lazy("Practising certificate"),
            {"fields": ("certificate_number", "certificate_expires_on")},
        ),
        (
            gettext_lazy("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (gettext_lazy("Logins"), {"fields": ("must_change_password", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "full_name",
                    "email",
                    "role",
                    "branch",
                    "employment",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    readonly_fields = ("left_on", "last_login", "date_joined")
    list_display = (
        "username",
        "full_name",
        "role",
        "branch",
        "employment",
        "certificate_expires_on",
        "is_active",
        "is_staff",
    )
    list_filter = (
        "role",
        "employment",
        "is_active",
        "is_staff",
        ("branch", ScopedRelatedFilter),
        "certificate_expires_on",
    )
    list_select_related = ("branch",)
    search_fields = ("username", "full_name", "certificate_number", "phone")
    autocomplete_fields = ("branch",)
    inlines = (PostingInline,)
    ordering = ("username",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Employees of one's own branches."""
        own = own_branches(request)
        return rows if own is None else rows.filter(branch__in=own)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only superusers change who administers: nobody widens their own rights."""
        if obj is not None and not _is_superuser(request) and (obj.is_staff or obj.is_superuser):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the name stays beside what they did. They leave instead."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by superusers; others may only close and open a login."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or _is_superuser(request):
            return sets
        return [
            (title, {**options, "fields": [f for f in options["fields"] if f not in RIGHTS]})
            for title, options in sets
        ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Staff of a branch choose one of their branches: nobody of theirs is without one."""
        form = super().get_form(request, obj, **kwargs)
        field = form.base_fields.get("branch")
        if field is not None and own_branches(request) is not None:
            field.required = True
        return form

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Postings begin when the employee is there."""
        return super().get_inlines(request, obj) if obj else ()

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Nobody sets the password of somebody with more rights; one's own needs the old one."""
        employee = self.get_object(request, id)
        if employee is not None and not self.has_change_permission(request, employee):
            raise PermissionDenied
        if employee == request.user:
            return redirect("account_change_password")
        return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service, which keeps the postings."""
        if not change:
            obj.must_change_password = obj.has_usable_password()
        save_employee(employee=obj)


RIGHTS = frozenset({"is_staff", "is_superuser", "groups", "user_permissions"})


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
