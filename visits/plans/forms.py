"""The form of a callback plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from crm.addresses import address
from crm.forms import CrispyModelForm, Grid, offer
from visits.models import CallbackPlan, Script, ScriptVersion
from visits.plans.services import PLAN_COLUMNS


class PlanForm(CrispyModelForm[CallbackPlan]):
    """Cadence, window, channel, script, reminder and capacity of a segment."""

    class Meta:
        model = CallbackPlan
        fields = PLAN_COLUMNS

    def __init__(self, *args: Any, segment: Segment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        path = segment.branch.ancestor_ids if segment.branch else []
        scripts = Script.objects.filter(Q(branch=None) | Q(branch__in=path))
        # One without steps yet would leave its clients without a script.
        spoken = Q(Exists(ScriptVersion.objects.filter(script=OuterRef("pk"), valid_to=None)))
        scripts = scripts.filter(spoken | Q(pk=self.initial.get("script")))
        offer(self.fields["script"], scripts)
        self.cancel_url = address("visits:plans")

    def layout(self) -> Any:
        """Pairs side by side."""
        return Grid(*PLAN_COLUMNS)

    def clean_window_days(self) -> int:
        """A window longer than a year is a mistake of typing."""
        days: int = self.cleaned_data["window_days"]
        if days > 366:
            raise forms.ValidationError(_("Choose at most 366 days."))
        return days
