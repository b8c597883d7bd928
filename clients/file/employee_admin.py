"""Employees with clients: fields locked until the hand-over, and leaving (D-28)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.file.services import employee_leaves
from clients.models import Assignment
from crm.trading_days import today
from staff.employees.admin import EmployeeAdmin, EmployeeForm
from staff.models import OWNERS, Employee


def clients_served(employee: Employee) -> int:
    """How many clients the employee serves today."""
    kind = Assignment.Kind.SERVES
    return Assignment.objects.filter(employee=employee, kind=kind, valid_to__isnull=True).count()


class ServingEmployeeForm(EmployeeForm):
    """Role, branch and login stay while clients are served; the database holds the same rule."""

    def clean(self) -> dict[str, Any] | None:
        """The error of a field that is locked until so many clients are handed over."""
        data = super().clean()
        wanted = {**self.initial, **self.cleaned_data}
        branch = wanted.get("branch")
        touched = {
            "role": wanted.get("role") not in OWNERS,
            "branch": getattr(branch, "pk", branch) != self.instance.branch_id,
            "is_active": not wanted.get("is_active"),
        }
        fields = [name for name, hit in touched.items() if hit and name in self.cleaned_data]
        if fields and (count := clients_served(self.instance)):
            sentence = ngettext(
                "%(name)s still serves %(count)s client. Hand them over in the client list"
                " first, or choose “Employee leaves”.",
                "%(name)s still serves %(count)s clients. Hand them over in the client list"
                " first, or choose “Employee leaves”.",
                count,
            ) % {"name": self.instance, "count": count}
            for name in fields:
                self.add_error(name, sentence)
        return data


class LeaveForm(forms.Form):
    """The last day of an employee."""

    left_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_left_on(self) -> Any:
        """The login closes at once, so the day is not in the future."""
        day = self.cleaned_data["left_on"]
        if day > today():
            raise ValidationError(_("Enter today or an earlier day: the login closes at once."))
        return day


admin.site.unregister(Employee)


@admin.register(Employee)
class ServingEmployeeAdmin(EmployeeAdmin):
    """The page of staff/, with the number of clients and the action to leave."""

    form = ServingEmployeeForm
    change_form_template = "admin/staff/employee/change_form.html"
    actions = ("leave",)

    def get_urls(self) -> list[Any]:
        """With the page of leaving."""
        leave = self.admin_site.admin_view(self.leave_view)
        own: list[URLPattern] = [
            path("<path:object_id>/leave/", leave, name="staff_employee_leave")
        ]
        return [*own, *super().get_urls()]

    @admin.action(description=gettext_lazy("Employee leaves…"), permissions=["change"])
    def leave(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Go to the page of leaving: one person at a time, each with a day of their own."""
        people = list(queryset[:2])
        if len(people) != 1:
            self.message_user(request, _("Choose one employee."), messages.WARNING)
            return None
        return redirect("admin:staff_employee_leave", people[0].pk)

    def leave_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the last day, then run the operation."""
        employee = self.get_object(request, unquote(object_id))
        if employee is None:
            raise Http404
        if not self.has_change_permission(request, employee) or employee == request.user:
            raise PermissionDenied
        form = LeaveForm(request.POST or None, initial={"left_on": today()})
        if request.method == "POST" and form.is_valid() and self._leaves(request, employee, form):
            return redirect("admin:staff_employee_change", employee.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(name)s leaves") % {"name": employee},
            "opts": self.opts,
            "original": employee,
            "form": form,
            "count": clients_served(employee),
            "back_url": reverse("admin:staff_employee_change", args=[employee.pk]),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/staff/employee/leave.html", context, status=status)

    def _leaves(self, request: HttpRequest, employee: Employee, form: LeaveForm) -> bool:
        by = request.user
        assert isinstance(by, Employee)  # noqa: S101
        try:
            employee_leaves(employee=employee, left_on=form.cleaned_data["left_on"], by=by)
        except ValidationError as error:
            form.add_error("left_on", error.messages)
            return False
        self.log_change(request, employee, [{"changed": {"fields": ["left_on"]}}])
        self.message_user(request, _("%(name)s has left.") % {"name": employee}, messages.SUCCESS)
        return True
