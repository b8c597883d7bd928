"""The form of thanks to the client who made a referral."""

from __future__ import annotations

from typing import Any

from crm.forms import CrispyModelForm
from crm.trading_days import today
from pipeline.models import Thanks


class ThanksForm(CrispyModelForm[Thanks]):
    """How and when the referrer was thanked."""

    class Meta:
        model = Thanks
        fields = ["how", "on", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today()
        self.fields["on"].widget.attrs["max"] = today().isoformat()
