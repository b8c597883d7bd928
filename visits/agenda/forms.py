"""Forms of the calendar: move, reassign, and book an appointment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, Grid, offer
from staff.models import Employee
from visits.agenda.appointments import check_start

REASONS = [
    ("client_asked", _("The client asked for it")),
    ("not_reachable", _("Not reachable that day")),
    ("even_out", _("Too much on that day")),
    ("other", _("Another reason")),
]


class _Because(CrispyFormMixin, forms.Form):
    """A reason, chosen from a list or entered as text."""

    because = forms.ChoiceField(choices=REASONS, label=_("Reason"))
    words = forms.CharField(
        label=_("In your own words"), max_length=200, required=False, strip=True
    )

    def clean(self) -> dict[str, Any]:
        """Require a text for the choice “other”; append a text to any other choice."""
        data = super().clean() or {}
        words, because = data.get("words", ""), data.get("because", "")
        if because == "other" and not words and "words" not in self.errors:
            self.add_error("words", _("Say why."))
        label = "" if because in {"", "other"} else str(dict(REASONS)[because])
        data["reason"] = " · ".join(filter(None, [label, words]))[:200]
        return data


class MoveForm(_Because):
    """Move a callback to another day. ``back``: query string of the calendar to return to."""

    day = forms.DateField(label=_("New day"))
    back = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)
    submit_label = _("Move")
    field_order = ["day", "because", "words", "back"]


class ReassignForm(_Because):
    """Reassign a callback to an employee who may see the client."""

    to = forms.ModelChoiceField(Employee.objects.none(), label=_("Give to"))
    submit_label = _("Give to somebody")
    field_order = ["to", "because", "words"]

    def __init__(self, *args: Any, receivers: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["to"], receivers)


class AppointmentForm(CrispyFormMixin, forms.Form):
    """Book an appointment, or change one."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    starts_at = forms.DateTimeField(label=_("Begins"))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=600, initial=60)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    reason = forms.CharField(label=_("What about"), max_length=200)
    anyway = forms.BooleanField(
        label=_("Book it although it overlaps"), required=False, widget=forms.HiddenInput
    )
    submit_label: str | Promise = _("Book the appointment")

    def layout(self) -> Any:
        """Time and length side by side."""
        names = [name for name in self.fields if name not in {"starts_at", "minutes"}]
        return super().layout().__class__("token", Grid("starts_at", "minutes"), *names[1:])

    def clean_starts_at(self) -> datetime:
        """Refuse a time in the past or implausibly far ahead (``check_start``)."""
        starts_at: datetime = self.cleaned_data["starts_at"]
        check_start(starts_at)
        return starts_at

    def warn(self, sentence: str) -> None:
        """Show a conflict as a warning that the user may confirm."""
        self.add_error(None, sentence)
        self.fields["anyway"].widget = forms.CheckboxInput()
