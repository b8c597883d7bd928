"""The form of a segment and its rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import Segment, SegmentRule
from clients.segments.fields import CRITERIA, DIMENSIONS
from crm.forms import CrispyFormMixin


class RuleForm(CrispyFormMixin, forms.Form):
    """Name, tier and rule. ``base`` is the rule that the person had before them (0 for none)."""

    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=60)
    name_en = forms.CharField(label=_("Name (English)"), max_length=60, required=False)
    tier = forms.TypedChoiceField(label=_("Tier"), choices=Segment.Tier.choices, coerce=int)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=1,
        max_value=30_000,
        help_text=_("The lowest number that matches wins."),
    )
    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        segment: Segment | None,
        rule: SegmentRule | None,
        near: QuerySet[Segment],
        **kwargs: Any,
    ) -> None:
        """``near``: segments after which a new one may take its plan of contacts."""
        initial: dict[str, Any] = {"base": rule.pk if rule else 0, "tier": 3, "priority": 100}
        if segment is not None:
            initial |= {name: getattr(segment, name) for name in ("name_zh", "name_en", "tier")}
        if rule is not None:
            initial |= {name: getattr(rule, name) for name in CRITERIA}
        super().__init__(*args, initial=initial, **kwargs)
        if segment is None:
            self.fields["like"] = forms.ModelChoiceField(
                near,
                label=_("Contacted like"),
                initial=near.filter(is_default=True).first(),
                empty_label=None,
                help_text=_("It takes the plan of that segment; change it afterwards."),
            )
        for name, dimension in DIMENSIONS.items():
            self.fields[name] = forms.MultipleChoiceField(
                label=str(dimension.label),
                choices=dimension.choices.choices,
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(data[name] for name in DIMENSIONS):
            sentence = _("Tick at least one box: a rule that asks nothing would take everybody.")
            self.add_error(None, sentence)
        return data

    def criteria(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CRITERIA}
