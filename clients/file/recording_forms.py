"""The form in which somebody new is recorded."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.file.forms import ClientForm, managers_for
from clients.models import Lifecycle
from crm.forms import Fold, Grid, offer
from crm.trading_days import today
from staff.models import Employee


class CreateClientForm(ClientForm):
    """A new client. Its address is chosen beforehand, so a form sent twice is one client."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    lifecycle = forms.ChoiceField(
        label=gettext_lazy("Account"),
        choices=[
            (Lifecycle.PROSPECT.value, gettext_lazy("Prospect, no account yet")),
            (Lifecycle.CLIENT.value, gettext_lazy("Client with an account")),
        ],
        initial=Lifecycle.PROSPECT.value,
    )
    opened_on = forms.DateField(label=gettext_lazy("Opening date"), required=False)
    manager = forms.ModelChoiceField(
        label=gettext_lazy("Manager"), queryset=Employee.objects.none(), empty_label="—"
    )

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.employee = employee
        people = managers_for(employee)
        if employee.is_head or employee.is_superuser:
            offer(self.fields["manager"], people)
            # As in quick capture, where whoever takes somebody down serves them.
            self.initial.setdefault("manager", employee.pk if employee.may_own_clients else None)
        else:
            del self.fields["manager"]

    def first_section(self) -> list[Any]:
        manager = ["manager"] if "manager" in self.fields else []
        return [Grid("lifecycle", "opened_on", *manager), "token"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        opened_on = data.get("opened_on")
        if data.get("lifecycle") == Lifecycle.CLIENT:
            if not opened_on and "opened_on" not in self.errors:
                self.add_error("opened_on", _("A client needs an opening date."))
        elif opened_on:
            self.add_error("opened_on", _("A prospect has no opening date: leave it empty."))
        if opened_on and opened_on > today():
            self.add_error("opened_on", _("The opening date lies in the future."))
        return data

    @property
    def served_by(self) -> Employee:
        """The client's future manager: the chosen employee, else the one who records the client."""
        chosen: Employee = self.cleaned_data.get("manager") or self.employee
        return chosen

    def layout(self) -> Layout:
        """What takes down a person at once, as for a prospect; the rest is under "more"."""
        head = ("name", "phone", "source")
        return Layout(Grid(*head), Fold(_("More"), *self.sections(*head)))
