"""Forms of accounts, and the upload of a back-office file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy

from clients.accounts.services import AccountDetails
from clients.models import FundAccount, Market, TradingPermission
from crm.forms import CrispyFormMixin, Grid

TEN_THOUSAND = Decimal(10_000)


class AccountForm(CrispyFormMixin, forms.Form):
    """An account; the number of one that exists is shown masked and stays."""

    number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    opened_on = forms.DateField(label=gettext_lazy("Opening date"))
    closed_on = forms.DateField(label=gettext_lazy("Closed on"), required=False)
    rate = forms.DecimalField(
        label=gettext_lazy("Commission per ten thousand"),
        required=False,
        min_value=0,
        max_value=30,
        max_digits=5,
        decimal_places=3,
    )
    markets = forms.MultipleChoiceField(
        label=gettext_lazy("Markets"),
        choices=Market.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("Trading permissions"),
        choices=TradingPermission.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, account: FundAccount | None = None, **kwargs: Any) -> None:
        if account is not None:
            rate = account.commission_rate
            kwargs["initial"] = {
                "opened_on": account.opened_on,
                "closed_on": account.closed_on,
                "rate": None if rate is None else (rate * TEN_THOUSAND).normalize(),
                "markets": account.markets,
                "permissions": account.permissions,
            }
        super().__init__(*args, **kwargs)
        if account is not None:
            del self.fields["number"]

    def layout(self) -> Layout:
        """The number, dates and rate side by side; then the boxes."""
        first = ["number"] if "number" in self.fields else []
        return Layout(
            Grid(*first, "opened_on", "closed_on", "rate"),
            Div("markets", "permissions", css_class="crm-boxes"),
        )

    def clean_number(self) -> str:
        return FundAccount.normal(self.cleaned_data["number"].replace("\x00", ""))

    def details(self) -> AccountDetails:
        """The data of the valid form."""
        data = self.cleaned_data
        rate = data["rate"]
        return AccountDetails(
            markets=data["markets"],
            permissions=data["permissions"],
            opened_on=data["opened_on"],
            closed_on=data["closed_on"],
            commission_rate=None if rate is None else rate / TEN_THOUSAND,
        )
