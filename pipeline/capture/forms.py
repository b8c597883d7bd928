"""Forms of prospects: quick capture, QR codes, the public form."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client, ProspectType, Source
from clients.models.consent import By, Purpose
from clients.normalisation import normal_phone
from clients.search import suggest
from crm.forms import CrispyFormMixin, TelInput, offer
from crm.trading_days import today
from pipeline.capture import origin_services
from pipeline.capture.qr_codes import LONGEST, USUAL
from pipeline.capture.services import Agreed, Origin
from pipeline.models import Campaign, Channel, Lead
from staff.models import Employee

# Written by imports only.
SOURCES = [choice for choice in Source.choices if choice[0] != Source.IMPORTED]
# What the form shows at once, with what one does not see; the rest is under "more".
HEAD = {"name", "phone", "source", "token", "purpose", "another", "__all__"}
# So many hits are offered for the name of a referrer.
OFFERED = 6


def name_of(text: str) -> str:
    """A normalised name, without line breaks and other control characters."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not name:
        raise ValidationError(_("Enter the name."))
    return name


class OriginMixin(forms.Form):
    """Channel and campaign as far as the employee may see them; left out where there is none."""

    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=gettext_lazy("Channel"), required=False, empty_label="—"
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=gettext_lazy("Campaign"), required=False, empty_label="—"
    )

    def offer(self, employee: Employee, lead: Lead | None = None) -> None:
        """Fill the choices; present values of ``lead`` remain selectable even if closed."""
        rows: dict[str, Any] = origin_services.choices(employee, lead)
        for name, choices in rows.items():
            if choices.exists():
                offer(self.fields[name], choices)
            else:
                del self.fields[name]


class CaptureForm(CrispyFormMixin, OriginMixin):
    """A prospect in 20 seconds. ``token`` makes a form that is sent twice one prospect."""

    submit_label = gettext_lazy("Save the prospect")

    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, widget=TelInput())
    source = forms.ChoiceField(
        label=gettext_lazy("Source"), choices=[("", "—"), *SOURCES], required=False
    )
    prospect_type = forms.ChoiceField(
        label=gettext_lazy("Prospect type"),
        choices=[("", gettext_lazy("Not known yet")), *ProspectType.choices],
        required=False,
    )
    agreed = forms.MultipleChoiceField(
        label=gettext_lazy("May be contacted by"),
        choices=By.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Agreed to"),
        choices=Purpose.choices,
        required=False,
        initial=Purpose.MARKETING,
    )
    proof = forms.CharField(
        label=gettext_lazy("Proof"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Where it can be seen: signed form, recorded call, message."),
        widget=forms.TextInput(attrs={"list": "proofs"}),
    )
    referrer = forms.CharField(
        label=gettext_lazy("Referred by"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Name, pinyin or last digits of a phone of one of your clients."),
    )
    referrer_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"), required=False, max_length=1000, widget=forms.Textarea
    )
    another = forms.BooleanField(
        label=gettext_lazy("It is another person: record them"), required=False
    )

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.employee = employee
        self.offer(employee)
        self.initial.setdefault("token", uuid4())
        self.referrers: list[Client] = []
        for name in ("name", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        return name_of(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("agreed") and not data.get("proof", "").strip():
            self.add_error("proof", _("Say where the consent can be seen."))
        if data.get("agreed") and not data.get("purpose"):
            self.add_error("purpose", _("Say what they agreed to."))
        self._find_referrer(data)
        return data

    def _find_referrer(self, data: dict[str, Any]) -> None:
        """One client by the text typed; several are offered to choose from."""
        data["referrer_row"] = None
        text = data.get("referrer", "").strip()
        if not text:
            return
        visible = Client.objects.visible_to(self.employee)
        hits = suggest(visible, text)[:OFFERED]
        chosen = [one for one in hits if one.public_id == data.get("referrer_key")]
        if len(chosen or hits) == 1:
            data["referrer_row"] = (chosen or hits)[0]
            return
        self.referrers = hits
        self.add_error(
            "referrer",
            _("Several clients match: choose one below.")
            if hits
            else _("No client within your reach matches. Try the name, pinyin or four digits."),
        )

    @property
    def more_open(self) -> bool:
        """Whether something behind the head of the form was given or is wrong."""
        given = {name for name in self.fields if name not in HEAD and self[name].value()}
        return bool((set(self.errors) - HEAD) | (given if self.is_bound else set()))

    def values(self) -> dict[str, Any]:
        """Values of the client."""
        data = self.cleaned_data
        source = data["source"] or (Source.REFERRAL if data["referrer_row"] else "")
        if not source and data.get("channel"):
            source = Source.CHANNEL
        return {
            "name": data["name"],
            "source": source,
            "prospect_type": data["prospect_type"],
            "notes": data["notes"].strip(),
        }

    def origin(self) -> Origin:
        """Origin of the prospect."""
        data = self.cleaned_data
        campaign: Campaign | None = data.get("campaign")
        channel = data.get("channel") or (campaign.channel if campaign else None)
        return Origin(Lead.Via.QUICK, channel, campaign, data["referrer_row"])

    def consent(self) -> Agreed:
        """Consent of the prospect."""
        data = self.cleaned_data
        return Agreed(data["purpose"], data["agreed"], data["proof"].strip())


class OriginForm(CrispyFormMixin, OriginMixin):
    """Channel and campaign of a client, entered or corrected later."""

    def __init__(self, *args: Any, employee: Employee, lead: Lead | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(employee, lead)
        if lead is not None:
            self.initial.update(channel=lead.channel_id, campaign=lead.campaign_id)

    def choices(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data.get(name) for name in ("channel", "campaign")}


class LinkForm(CrispyFormMixin, OriginMixin):
    """A new QR code."""

    submit_label = gettext_lazy("Make the code")

    valid_until = forms.DateField(label=gettext_lazy("Valid until"))

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(employee)
        self.initial.setdefault("valid_until", today() + USUAL)
        attrs = self.fields["valid_until"].widget.attrs
        attrs |= {"min": today().isoformat(), "max": (today() + LONGEST).isoformat()}

    def choices(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        until: date = data["valid_until"]
        return {
            "valid_until": until,
            "channel": data.get("channel"),
            "campaign": data.get("campaign"),
        }


class PublicForm(forms.Form):
    """The public form. ``website`` is a honeypot, invisible to people."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Enter your name.")},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone"),
        max_length=30,
        error_messages={"required": gettext_lazy("Enter your phone.")},
        widget=TelInput(attrs={"class": "form-control", "autocomplete": "tel"}),
    )
    wish = forms.CharField(
        label=gettext_lazy("What would you like to know? (optional)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": "3"}),
    )
    website = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    agree = forms.BooleanField(
        label=gettext_lazy("I have read this and agree."),
        error_messages={"required": gettext_lazy("Without your consent we may not keep this.")},
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def clean_name(self) -> str:
        return name_of(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])
