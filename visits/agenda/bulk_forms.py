"""Forms of decisions on several callbacks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, offer
from staff.models import Employee

ACTIONS = [
    ("move", _("Move")),
    ("reassign", _("Give to somebody")),
    ("cancel", _("Cancel the callbacks")),
]


class ManyCallbacksForm(CrispyFormMixin, forms.Form):
    """What is to happen to the chosen callbacks, and why; the fields follow the action."""

    action = forms.ChoiceField(choices=ACTIONS, widget=forms.HiddenInput)
    day = forms.DateField(label=_("New day"), widget=forms.DateInput(attrs={"type": "date"}))
    to = forms.ModelChoiceField(Employee.objects.none(), label=_("Give to"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, error_messages={"required": _("Say why.")}
    )

    def __init__(
        self, *args: Any, action: str, receivers: QuerySet[Employee], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if action != "move":
            del self.fields["day"]
        if action == "reassign":
            offer(self.fields["to"], receivers)
        else:
            del self.fields["to"]
