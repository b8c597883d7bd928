"""Administration of consents: to look at only."""

from __future__ import annotations

from django.contrib import admin

from clients.models import (
    Consent,
)
from clients.scoped_admin import OfClientAdmin


@admin.register(Consent)
class ConsentAdmin(OfClientAdmin):
    """Consents with proof and withdrawal."""

    list_display = ("client", "purpose", "channel", "given_on", "withdrawn_on", "recorded_by")
    list_filter = ("purpose", "channel", ("withdrawn_on", admin.EmptyFieldListFilter), "given_on")
    list_select_related = ("client", "recorded_by")
