"""Forms of consent and contact wishes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.consents.services import Wishes
from clients.models import Client
from clients.models.consent import By, Purpose
from crm.forms import CrispyFormMixin, CrispyModelForm
from crm.trading_days import today


class WishesForm(CrispyModelForm[Client]):
    """When and whether to call. ``seen`` is the version that the person had before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Client
        fields = ("calls_refused", "call_from", "call_until", "contact_note")
        widgets = {
            "call_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "call_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.version

    @property
    def version(self) -> int:
        return int(self.cleaned_data["seen"])

    def wishes(self) -> Wishes:
        data = self.cleaned_data
        return Wishes(
            calls_refused=data["calls_refused"],
            call_from=data["call_from"],
            call_until=data["call_until"],
            contact_note=data["contact_note"],
        )

    def renewed(self, fresh: Client) -> WishesForm:
        """The entered values on the newest version, so that saving again overwrites it."""
        form = WishesForm({**dict(self.data.items()), "seen": fresh.version}, instance=fresh)
        form.full_clean()
        for sentence in self.non_field_errors():
            form.add_error(None, sentence)
        return form


class ConsentForm(CrispyFormMixin, forms.Form):
    """A consent as the client gave it."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=By.choices)
    given_on = forms.DateField(
        label=_("Given on"), widget=forms.DateInput(attrs={"type": "date"}), initial=today
    )
    proof = forms.CharField(
        label=_("Proof"),
        max_length=200,
        help_text=_("Where it can be seen: signed form, recorded call, message."),
        error_messages={"required": _("Say where the consent can be seen.")},
    )


class WithdrawForm(forms.Form):
    """The withdrawal of a consent."""

    how = forms.CharField(
        max_length=200, error_messages={"required": _("Say how the client took it back.")}
    )
