"""Putting a callback off, and deciding where somebody asks to."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin
from crm.fragments import fragment
from staff.models import Employee
from visits.contacts.snooze_limits import Limits
from visits.snoozing import presets
from visits.snoozing.presets import Preset


class Presets(LayoutObject):
    """Days by one tap; each sends the form.

    Enter takes the first button of a form, so one that nobody sees stands before them and means
    the day in the field.
    """

    def __init__(self, offered: list[Preset]) -> None:
        self.offered = offered
        self.fields: list[str] = []

    def render(self, form: forms.BaseForm, context: Any, **_options: Any) -> SafeString:
        """As crispy asks for it; it draws no field."""
        return fragment("visits/snoozing/presets.html", presets=self.offered)


class SnoozeForm(CrispyFormMixin, forms.Form):
    """Put a callback off: a reason, given before or new, and a day, by its name or chosen."""

    known = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the reasons, or write another.")},
    )
    reason = forms.CharField(label=_("Another reason"), max_length=200, required=False)
    until = forms.DateField(label=_("Until"), required=False)
    # Named by the button that was pressed.
    preset = forms.CharField(required=False, max_length=20)
    submit_label = _("Snooze")

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        """``by``: whose reasons are offered, read where they are needed."""
        super().__init__(*args, **kwargs)
        field = self.fields["known"]
        if isinstance(field, forms.ChoiceField):
            field.choices = lambda: [(reason, reason) for reason in presets.reasons(by)]
        self.offered: list[Preset] = []

    def tell(self, offered: list[Preset], limits: Limits | None, *, alone: bool) -> None:
        """Show the days by one tap and how far one may go, before the form is drawn.

        ``alone``: whether the viewer needs nobody's approval up to the last day.
        """
        self.offered = offered
        if limits is not None:
            last = {"last": date_format(limits.last), "free": date_format(limits.free)}
            text = _("At the latest %(last)s.")
            if not alone and limits.free < limits.last:
                text = _(
                    "By yourself until %(free)s, with the branch head's approval until %(last)s."
                )
            self.fields["until"].help_text = str(text) % last

    def layout(self) -> Layout:
        """First what takes one tap; the preset is no field that one sees."""
        return Layout("known", Presets(self.offered), "reason", "until")

    def clean(self) -> dict[str, Any]:
        """One reason, and one day: the button that was pressed goes before the date."""
        data = super().clean() or {}
        data["reason"] = (data.get("reason") or data.pop("known", "") or "").strip()
        if not data["reason"] and not {"known", "reason"} & set(self.errors):
            self.add_error("reason", _("Say why."))
        data["rests_until"] = None
        if key := data.pop("preset", ""):
            self.errors.pop("until", None)
            preset = presets.known().get(key)
            if preset is None:
                self.add_error("until", _("That time is over: choose another day."))
            else:
                data["until"], data["rests_until"] = preset.day, preset.at
        elif not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Choose a day."))
        data.pop("known", None)
        return data


class DecisionForm(CrispyFormMixin, forms.Form):
    """A head agrees that a callback is put off, or does not and says why."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant", _("Put it off")), ("refuse", _("Do not put it off"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is to be done."),
            "invalid_choice": _("Choose what is to be done."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Where it is not put off.")
    )

    def clean(self) -> dict[str, Any]:
        """A refusal has a reason."""
        data = super().clean() or {}
        if data.get("decision") == "refuse" and not (data.get("reason") or "").strip():
            self.add_error("reason", gettext("Say why."))
        return data
