"""Forms of campaigns: the campaign, its list, a guest who was not invited, and its end."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from clients.normalisation import normal_phone
from crm.forms import CrispyFormMixin, Grid, TelInput, offer
from crm.models import SavedView
from pipeline.campaigns import audience
from pipeline.channels.forms import BranchForm
from pipeline.models import Campaign, Channel
from staff.models import Employee


class CampaignForm(BranchForm):
    """A campaign; ``version`` detects concurrent edits."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    class Meta:
        model = Campaign
        fields = [
            "name",
            "kind",
            "branch",
            "channel",
            "starts_at",
            "ends_at",
            "place",
            "capacity",
            "cost",
        ]
        labels = {"name": _("Name of the campaign")}

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        rows = Channel.objects.visible_to(by).in_use(besides=self.instance.channel_id)
        offer(self.fields["channel"], rows).empty_label = "—"
        self.fields["version"].initial = self.instance.version
        self.fields["capacity"].help_text = _("Empty: as many as come.")
        self.fields["capacity"].widget.attrs["min"] = "1"

    def layout(self) -> Layout:
        return Layout(
            Grid("name", "kind"),
            Grid("starts_at", "ends_at"),
            Grid("place", "capacity"),
            Grid("channel", "cost"),
            "branch",
            "version",
        )

    def clean_capacity(self) -> int | None:
        places: int | None = self.cleaned_data["capacity"]
        if places == 0:
            raise ValidationError(_("Enter at least one place, or leave it empty."))
        return places


class InviteForm(forms.Form):
    """Clients to invite: a segment or a saved view of the client list."""

    segment = forms.ModelChoiceField(Segment.objects.none(), required=False, label=_("Segment"))
    view = forms.ModelChoiceField(SavedView.objects.none(), required=False, label=_("Saved view"))

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["segment"], audience.segments(by))
        offer(self.fields["view"], audience.saved_views(by))
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data.get("segment") or data.get("view")):
            raise ValidationError(_("Choose a segment or a saved view."))
        return data


class InviteOneForm(CrispyFormMixin, forms.Form):
    """To which campaign a client is invited."""

    submit_label = _("Put on the list")
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), to_field_name="public_id", label=_("Campaign"), empty_label=None
    )

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Campaign.objects.visible_to(by).filter(state=Campaign.State.PLANNED)
        offer(self.fields["campaign"], rows.order_by("starts_at", "pk"))


class WalkInForm(CrispyFormMixin, forms.Form):
    """A guest who was not invited; without agreement nothing is recorded."""

    submit_label = _("Record and check in")
    name = forms.CharField(label=_("Name"), max_length=100, strip=True)
    phone = forms.CharField(label=_("Phone"), max_length=30, widget=TelInput())
    agrees = forms.BooleanField(
        label=_("Agrees that we keep name and number, call, and invite again"),
        error_messages={"required": _("Without agreement nobody may be recorded.")},
    )
    another = forms.BooleanField(label=_("It is another person: record them"), required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)
    campaign = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs.update({"inputmode": "tel", "autocomplete": "off"})
        # Asked only where somebody has the number.
        self.asks_another = False

    def layout(self) -> Layout:
        asked = ["another"] if self.asks_another else []
        return Layout("name", "phone", "agrees", *asked, "token", "campaign")

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].replace("\x00", "")
        if not name:
            raise ValidationError(_("Enter the name."))
        return name


class CancelForm(CrispyFormMixin, forms.Form):
    """Why a campaign is called off."""

    submit_label = _("Cancel the campaign")
    reason = forms.CharField(label=_("Reason"), max_length=200, strip=True)
