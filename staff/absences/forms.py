"""The form of an absence."""

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.addresses import lazy_address
from crm.forms import CrispyFormMixin, Grid, offer
from staff.models import OWNERS, Employee


class AbsenceForm(CrispyFormMixin, forms.Form):
    """Days on which somebody is away; whoever is no head enters their own."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label=_("Who is away"))
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))
    substitute = forms.ModelChoiceField(
        Employee.objects.none(),
        label=_("Substitute"),
        required=False,
        empty_label=_("Nobody: calls wait until I am back"),
        help_text=_("Sees and serves the clients on these days, and makes calls that cannot wait."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    submit_label = _("Enter")
    cancel_url = lazy_address("staff:absences")

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        serving = Employee.objects.filter(is_active=True, role__in=OWNERS).order_by("full_name")
        near = serving if by.is_superuser else serving.filter(branch=by.branch)
        if by.is_head and by.branch is not None:
            near = serving.filter(branch__path__startswith=by.branch.path)
        own = near if by.is_head or by.is_superuser else near.filter(pk=by.pk)
        offer(self.fields["employee"], own)
        offer(self.fields["substitute"], near)
        self.initial.setdefault("employee", by.pk)

    def layout(self) -> Layout:
        """The days side by side."""
        return Layout("employee", Grid("starts_on", "ends_on"), "substitute", "reason")
