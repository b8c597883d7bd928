"""The form that names a return visitor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, offer
from staff.models import Branch, Employee, Role


class VisitorForm(CrispyFormMixin, forms.Form):
    """Employee and branch."""

    submit_label = _("Name as visitor")
    employee = forms.ModelChoiceField(Employee.objects.none(), label=_("Employee"))
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("For the branch"), help_text=_("And those below it.")
    )

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = by.branch_scope
        branches = Branch.objects.filter(is_active=True).order_by("path")
        people = Employee.objects.filter(is_active=True).exclude(role=Role.ADMINISTRATOR)
        if scope is not None:
            branches = branches.filter(pk__in=scope)
            people = people.filter(branch__in=scope)
        offer(self.fields["branch"], branches)
        offer(self.fields["employee"], people.order_by("full_name", "pk"))
