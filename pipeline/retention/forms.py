"""The form of a hold on a prospect whose time is running out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class HoldForm(forms.Form):
    """Why a prospect must not be purged."""

    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("Say why.")})
