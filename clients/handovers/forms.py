"""Form of a hand-over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clients.file.forms import managers_for
from clients.handovers.selectors import burdens
from clients.handovers.services import HandOverRequest
from clients.models import HandOver
from crm.forms import CrispyFormMixin
from crm.trading_days import today
from staff.models import OWNERS, Employee

# The choice of clients of whom nobody is in charge.
NOBODY = "nobody"


def origins_for(employee: Employee) -> QuerySet[Employee]:
    """Employees whose clients may be handed over: oneself, for heads those of their branches."""
    if employee.is_superuser or employee.is_head:
        people = Employee.objects.filter(role__in=OWNERS)
        scope = employee.branch_scope
        if scope is not None:
            people = people.filter(branch__in=scope)
        return people.order_by("full_name", "pk")
    return Employee.objects.filter(pk=employee.pk)


def receivers_for(employee: Employee) -> QuerySet[Employee]:
    """Who may take over: for heads everybody of their branches, else colleagues of the branch."""
    if employee.is_superuser or employee.is_head:
        return managers_for(employee)
    people = Employee.objects.filter(is_active=True, role__in=OWNERS, branch=employee.branch)
    return people.exclude(pk=employee.pk).order_by("full_name", "pk")


class _WithNobody(ModelChoiceIterator):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        yield from super().__iter__()
        yield (NOBODY, _("Nobody in charge"))


class OriginField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Whose clients they are; for heads also clients of whom nobody is in charge (``None``)."""

    def offer_nobody(self) -> None:
        self.iterator = _WithNobody
        self.widget.choices = self.choices

    def clean(self, value: Any) -> Any:
        if value == NOBODY and self.iterator is _WithNobody:
            return None
        return super().clean(value)


class ReceiversField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Who takes over, each with the clients and assets they serve today (``burdens``, by key)."""

    burdens: dict[int, tuple[int, str]]

    def label_from_instance(self, obj: Any) -> str:
        if obj.pk not in self.burdens:
            return str(obj)
        clients, assets = self.burdens[obj.pk]
        text = ngettext("%(n)s client", "%(n)s clients", clients) % {"n": clients}
        return " · ".join(part for part in (str(obj), text, assets) if part)


class HandOverForm(CrispyFormMixin, forms.Form):
    """Origin, receivers, date and reason of a hand-over."""

    origin = OriginField(
        label=_("Handed over by"), queryset=Employee.objects.none(), empty_label="—"
    )
    receivers = ReceiversField(
        label=_("Taken over by"),
        queryset=Employee.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who takes over.")},
    )
    rule = forms.ChoiceField(label=_("Shared among several"), choices=HandOver.Rule.choices)
    together = forms.BooleanField(label=_("Keep households together"), required=False, initial=True)
    effective_on = forms.DateField(
        label=_("In effect from"), initial=today, widget=forms.DateInput(attrs={"type": "date"})
    )
    departing = forms.BooleanField(
        label=_("The manager leaves: plan a return visit to each client"), required=False
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, error_messages={"required": _("Say why.")}
    )
    note = forms.CharField(
        label=_("Note for the successor"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    # Set by the button of a refusal that names them.
    leave_out = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["origin"].queryset = origins_for(employee)
        if employee.is_superuser or employee.is_head:
            fields["origin"].offer_nobody()
        # Before the queryset: the iterator of choices copies the field.
        fields["receivers"].burdens = burdens(receivers_for(employee), employee)
        fields["receivers"].queryset = receivers_for(employee)

    def show_book_of_origin(self, url: str) -> None:
        """Let the table of clients follow the choice of whose clients they are."""
        self.fields["origin"].widget.attrs |= {
            "hx-get": url,
            "hx-target": "#book",
            "hx-select": "#book",
            "hx-swap": "outerHTML",
            "hx-trigger": "change",
        }

    def hand_over_request(self, clients: list[int] | None) -> HandOverRequest:
        data = self.cleaned_data
        return HandOverRequest(
            origin=data["origin"],
            receivers=list(data["receivers"]),
            rule=data["rule"],
            effective_on=data["effective_on"],
            departing=data["departing"],
            reason=data["reason"],
            note=data["note"],
            clients=clients,
            together=data["together"],
            leave_out=data["leave_out"],
        )
