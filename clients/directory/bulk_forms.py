"""Forms of changes of many clients and of saved views."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clients.directory.filters import SAVED
from clients.directory.table import offered
from clients.models import BulkChange, Segment, Tag
from crm.forms import CrispyFormMixin
from crm.trading_days import today
from staff.models import Employee

Action = BulkChange.Action


class BulkForm(CrispyFormMixin, forms.Form):
    """The change to apply to the selected clients."""

    action = forms.ChoiceField(label=_("Action"), choices=Action.choices)
    tag = forms.CharField(label=_("Tag"), max_length=30, required=False)
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.none(), required=False
    )
    until = forms.DateField(
        label=_("Pinned until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until somebody takes the pin away."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.queryset = Segment.objects.filter(employee.near).order_by("tier", "pk")
        self.tags = Tag.objects.filter(employee.near)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["tag"] = data.get("tag", "").strip()
        if data.get("action") == Action.PIN:
            if data.get("until") and data["until"] < today():
                self.add_error("until", _("This day has passed: choose a later one."))
            if not data.get("segment"):
                self.add_error("segment", _("Choose the segment."))
            if not data.get("reason", "").strip():
                self.add_error("reason", _("Say why."))
        elif not data["tag"]:
            self.add_error("tag", _("Enter the tag."))
        elif data.get("action") == Action.UNTAG and not self.tags.filter(name=data["tag"]).exists():
            self.add_error("tag", _("There is no such tag."))
        return data

    def target(self, employee: Employee) -> Tag | Segment:
        """The segment, or the tag; a new word becomes a tag of the employee's branch."""
        if self.cleaned_data["action"] == Action.PIN:
            segment: Segment = self.cleaned_data["segment"]
            return segment
        name = self.cleaned_data["tag"]
        if known := self.tags.filter(name=name).first():
            return known
        branch = None if employee.administers_firm else employee.branch
        return Tag.objects.get_or_create(name=name, branch=branch)[0]


class ViewForm(forms.Form):
    """A name for a list, and who may use it."""

    name = forms.CharField(max_length=40, error_messages={"required": _("Give the view a name.")})
    query = forms.CharField(max_length=2000, required=False)
    shared = forms.BooleanField(required=False)

    def clean_query(self) -> str:
        """Parameters known to the list, without the page cursor."""
        asked = QueryDict(self.cleaned_data["query"])
        kept = QueryDict(mutable=True)
        for name in (*SAVED, "sort"):
            if value := asked.get(name, "").strip():
                kept[name] = value
        known = {column.key for column in offered()}
        kept.setlist("cols", [key for key in asked.getlist("cols") if key in known])
        text = kept.urlencode()
        if len(text) > 500:
            raise forms.ValidationError(_("This view asks for too much to be kept."))
        return text
