"""Forms of addresses for reminders and of quiet hours."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from visits.notifications import robot_delivery


class EndpointForm(forms.Form):
    """An address with its name."""

    label = forms.CharField(max_length=40, label=_("Label"))
    url = forms.CharField(
        max_length=500,
        label=_("Address"),
        help_text=_(
            "The address that the robot's own page gives you to copy, or an https webhook."
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "form-control", "autocomplete": "off"}

    def clean_url(self) -> str:
        """In its normal form, or refused with the reason."""
        return robot_delivery.normal(self.cleaned_data["url"])[1]


class QuietForm(forms.Form):
    """From when to when one is not to be disturbed; equal times mean never."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        widget=forms.TimeInput(attrs={"type": "time", "class": "form-control"}, format="%H:%M"),
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(attrs={"type": "time", "class": "form-control"}, format="%H:%M"),
    )
