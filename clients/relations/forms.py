"""Forms of relations."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import ContactPerson, Membership
from clients.normalisation import normal_phone
from clients.relations.services import Contact
from crm.forms import CrispyFormMixin, TelInput

RELATIONS = [choice for choice in Membership.Relation.choices if choice[0] != "head"]
REFERRER = "referrer"
REFERRED = "referred"


class RelateForm(forms.Form):
    """Another client and its relation to this one."""

    client = forms.UUIDField()
    relation = forms.ChoiceField(
        choices=[
            *RELATIONS,
            (REFERRER, _("brought this client")),
            (REFERRED, _("was brought by this client")),
        ]
    )


class ContactForm(CrispyFormMixin, forms.Form):
    """A contact person."""

    name = forms.CharField(label=_("Name"), max_length=60)
    role = forms.ChoiceField(label=_("Decision role"), choices=ContactPerson.Role.choices)
    position = forms.CharField(label=_("Position or relation"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False, widget=TelInput())

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"].strip()
        return normal_phone(text) if text else ""

    def contact(self) -> Contact:
        data = self.cleaned_data
        return Contact(data["name"], data["role"], data["position"], data["phone"])
