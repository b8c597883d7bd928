"""Forms of clients. A masked value is kept if its field is left empty."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.birthdays import check_birthday
from clients.file.services import TYPED, Assessed, Details, IdentityDocument, segments_for
from clients.models import Client, Identity, Kind, RiskGrade, Segment
from clients.normalisation import mask_phone, normal_phone
from crm.forms import CrispyFormMixin, CrispyModelForm, Grid, TelInput, offer
from crm.trading_days import today
from staff.models import OWNERS, Employee

CLASSIFYING = ("income_level", "investment_size", "investment_style")
_SALT = "clients.forms.opened"


class ClientForm(CrispyModelForm[Client]):
    """Everything that people type about a client, in sections."""

    phone = forms.CharField(
        label=gettext_lazy("Phone"), required=False, max_length=30, widget=TelInput()
    )
    phone2 = forms.CharField(
        label=gettext_lazy("Second phone"), required=False, max_length=30, widget=TelInput()
    )
    identity_type = forms.ChoiceField(
        label=gettext_lazy("Identity paper"),
        required=False,
        choices=[("", "—"), *Identity.Type.choices],
    )
    identity_number = forms.CharField(
        label=gettext_lazy("Number of the paper"), required=False, max_length=40
    )
    identity_expires_on = forms.DateField(label=gettext_lazy("Paper expires on"), required=False)
    by_lunar = forms.BooleanField(label=gettext_lazy("By the lunar calendar"), required=False)
    risk_grade = forms.ChoiceField(
        label=gettext_lazy("Risk grade"),
        required=False,
        choices=[("", gettext_lazy("Not assessed")), *RiskGrade.choices],
    )
    assessed_on = forms.DateField(label=gettext_lazy("Assessed on"), required=False)
    risk_expires_on = forms.DateField(label=gettext_lazy("Assessment expires on"), required=False)

    class Meta:
        model = Client
        fields = TYPED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["by_lunar"] = self.instance.lunar_birthday is not None
        for name in ("title", *CLASSIFYING, "prospect_type", "source"):
            field = self.fields[name]
            field.choices = [("", "—"), *field.choices[1:]]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Sections: the person, numbers, money, suitability, the rest."""
        return Layout(*self.sections())

    def sections(self, *shown: str) -> list[Fieldset]:
        """The sections without the fields that are ``shown`` elsewhere."""

        def grid(*names: str) -> Grid:
            return Grid(*[name for name in names if name not in shown])

        return [
            Fieldset(
                _("Who"),
                grid("name", "kind", "title", "birthday", "by_lunar"),
                *self.first_section(),
            ),
            Fieldset(
                _("Phones and identity"),
                grid("phone", *self.second_phone()),
                Grid("identity_type", "identity_number", "identity_expires_on"),
            ),
            Fieldset(
                _("Income and investing"),
                Grid(*CLASSIFYING, "prospect_type"),
            ),
            Fieldset(_("Risk assessment"), Grid("risk_grade", "assessed_on", "risk_expires_on")),
            Fieldset(_("More"), grid("source"), "notes"),
        ]

    def first_section(self) -> list[Any]:
        return []

    def second_phone(self) -> list[str]:
        return ["phone2"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].replace("\x00", "").strip()
        if not name:
            raise ValidationError(_("Enter the name."))
        return name

    def clean_birthday(self) -> date | None:
        birthday: date | None = self.cleaned_data["birthday"]
        if birthday:
            check_birthday(birthday)
        return birthday

    def clean_phone(self) -> str:
        return self._number("phone")

    def clean_phone2(self) -> str:
        return self._number("phone2")

    def _number(self, name: str) -> str:
        text = self.cleaned_data[name].strip()
        return normal_phone(text) if text else ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_identity(data)
        self._clean_risk(data)
        phones = self._phones()
        if phones and len(set(phones)) < len(phones):
            self.add_error("phone2", _("This is the same number as the first one."))
        if data.get("kind") == Kind.ORGANISATION and data.get("title"):
            self.add_error("title", _("An organisation has no form of address: leave it empty."))
        return data

    def _clean_identity(self, data: dict[str, Any]) -> None:
        type_, number = data.get("identity_type") or "", data.get("identity_number", "").strip()
        expires = data.get("identity_expires_on")
        if number and not type_:
            self.add_error("identity_type", _("Choose which paper the number is of."))
        elif number:
            try:
                data["identity_number"] = Identity.normal(type_, number)
            except ValidationError as error:
                self.add_error("identity_number", error)
        elif (type_ or expires) and not self.keeps_identity(type_):
            self.add_error("identity_number", _("Enter the number of the paper."))

    def keeps_identity(self, type_: str) -> bool:
        """Whether an empty number means the one that is known already."""
        return False

    def _clean_risk(self, data: dict[str, Any]) -> None:
        grade, on = data.get("risk_grade"), data.get("assessed_on")
        expires = data.get("risk_expires_on")
        if not grade:
            if on or expires:
                self.add_error("risk_grade", _("Choose the grade that was assessed."))
            return
        if not on and "assessed_on" not in self.errors:
            self.add_error("assessed_on", _("Enter the day of the assessment."))
        if not expires and "risk_expires_on" not in self.errors:
            self.add_error("risk_expires_on", _("Enter the day the assessment expires."))
        if on and on > today():
            self.add_error("assessed_on", _("The assessment lies in the future."))
        if on and expires and expires <= on:
            self.add_error(
                "risk_expires_on", _("The assessment expires after the day it was made.")
            )

    def _phones(self) -> list[str] | None:
        numbers = [self.cleaned_data.get("phone", ""), self.cleaned_data.get("phone2", "")]
        return [number for number in numbers if number]

    def _identity(self) -> IdentityDocument | None:
        data = self.cleaned_data
        if not data["identity_number"]:
            return None
        return IdentityDocument(
            data["identity_type"], data["identity_number"], data["identity_expires_on"]
        )

    def details(self) -> Details:
        """The entered values as the services take them."""
        data = self.cleaned_data
        assessed = None
        if data["risk_grade"]:
            assessed = Assessed(data["risk_grade"], data["assessed_on"], data["risk_expires_on"])
        return Details(
            values={name: data[name] for name in (*TYPED, "by_lunar")},
            phones=self._phones(),
            identity=self._identity(),
            assessed=assessed,
        )


class EditClientForm(ClientForm):
    """Changes of a client. ``opened`` carries, signed, the version and values first shown."""

    opened = forms.CharField(widget=forms.HiddenInput)
    drop_phone2 = forms.BooleanField(label=gettext_lazy("Remove the second phone"), required=False)

    def __init__(self, *args: Any, instance: Client, **kwargs: Any) -> None:
        phones = list(instance.phones.filter(valid_to=None))
        self.numbers = [phone.number for phone in phones]
        self.identity = instance.identities.filter(valid_to=None).order_by("id").first()
        self.latest = instance.risk_assessments.order_by("-assessed_on", "-id").first()
        shown = self.snapshot(instance)
        initial = {**shown, **(kwargs.pop("initial", None) or {})}
        initial["opened"] = signing.dumps([instance.version, shown], salt=_SALT, compress=True)
        super().__init__(*args, instance=instance, initial=initial, **kwargs)
        for name, number in zip(("phone", "phone2"), self.numbers, strict=False):
            self._keep(name, mask_phone(number))
        if self.identity:
            self._keep("identity_number", self.identity.masked)
        if len(self.numbers) < 2:
            del self.fields["drop_phone2"]

    def snapshot(self, client: Client) -> dict[str, str]:
        """The values that the form shows, as text; numbers are not among them."""
        values: dict[str, Any] = {name: getattr(client, name) for name in TYPED}
        if self.identity:
            values["identity_type"] = self.identity.type
            values["identity_expires_on"] = self.identity.expires_on
        if self.latest:
            values["risk_grade"] = self.latest.grade
            values["assessed_on"] = self.latest.assessed_on
            values["risk_expires_on"] = self.latest.expires_on
        return {name: "" if value is None else str(value) for name, value in values.items()}

    def _keep(self, name: str, masked: str) -> None:
        self.fields[name].widget.attrs["placeholder"] = masked
        self.fields[name].help_text = _("Unchanged if left empty.")

    def second_phone(self) -> list[str]:
        return ["phone2", "drop_phone2"] if "drop_phone2" in self.fields else ["phone2"]

    def first_section(self) -> list[Any]:
        return ["opened"]

    def clean_opened(self) -> tuple[int, dict[str, str]]:
        try:
            version, shown = signing.loads(self.cleaned_data["opened"], salt=_SALT)
        except signing.BadSignature as error:
            raise ValidationError(_("This form is out of date: open it again.")) from error
        return version, shown

    @property
    def version(self) -> int:
        """The version that was in force when the form was opened."""
        version: int = self.cleaned_data["opened"][0]
        return version

    @property
    def shown(self) -> dict[str, str]:
        """The values when the form was opened."""
        values: dict[str, str] = self.cleaned_data["opened"][1]
        return values

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.latest and not data.get("risk_grade") and "risk_grade" not in self.errors:
            self.add_error(
                "risk_grade", _("An assessment is not removed: record the new one instead.")
            )
        if self.identity and not data.get("identity_type") and "identity_type" not in self.errors:
            self.add_error(
                "identity_type", _("A paper is not removed: record the new one instead.")
            )
        return data

    def keeps_identity(self, type_: str) -> bool:
        return self.identity is not None and self.identity.type == type_

    def _phones(self) -> list[str] | None:
        data = self.cleaned_data
        if not (data.get("phone") or data.get("phone2") or data.get("drop_phone2")):
            return None
        known = [*self.numbers, "", ""]
        first = data.get("phone") or known[0]
        second = "" if data.get("drop_phone2") else data.get("phone2") or known[1]
        return [number for number in (first, second) if number]

    def _identity(self) -> IdentityDocument | None:
        data = self.cleaned_data
        if data["identity_number"]:
            return super()._identity()
        if self.identity is None or data["identity_expires_on"] == self.identity.expires_on:
            return None
        return IdentityDocument(
            self.identity.type, self.identity.number, data["identity_expires_on"]
        )

    def details(self) -> Details:
        details = super().details()
        if details.assessed and self.latest:
            held = (self.latest.grade, self.latest.assessed_on, self.latest.expires_on)
            new = details.assessed
            if held == (new.grade, new.on, new.expires_on):
                return Details(details.values, details.phones, details.identity)
        return details


class RevealForm(forms.Form):
    """Why a number is to be shown in the clear."""

    reason = forms.CharField(
        max_length=200,
        error_messages={"required": gettext_lazy("Say why you need the number.")},
    )


class ReasonForm(CrispyFormMixin, forms.Form):
    """A decision and its reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say why.")},
    )


class SegmentForm(ReasonForm):
    """Pin a segment, or let the rules decide again."""

    segment = forms.ModelChoiceField(
        label=gettext_lazy("Segment"),
        queryset=Segment.objects.none(),
        required=False,
        empty_label=gettext_lazy("As the rules decide"),
    )
    until = forms.DateField(
        label=gettext_lazy("Pinned until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until somebody takes the pin away."),
    )
    field_order = ("segment", "until", "reason")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["segment"], segments_for(client.branch))


class ManagerForm(ReasonForm):
    """Who serves the client from today."""

    manager = forms.ModelChoiceField(
        label=gettext_lazy("Manager"), queryset=Employee.objects.none(), empty_label="—"
    )
    field_order = ("manager", "reason")

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["manager"], managers_for(employee))


def managers_for(employee: Employee) -> QuerySet[Employee]:
    """Employees to whom this person may assign clients: in scope, in posts that own clients."""
    people = Employee.objects.filter(is_active=True, role__in=OWNERS, branch__isnull=False)
    scope = employee.branch_scope
    if scope is not None:
        people = people.filter(branch__in=scope)
    return people.order_by("full_name", "pk")
