"""Administration of consents: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    Consent,
)
from clients.scoped_admin import OfClientAdmin


@admin.register(Consent)
class ConsentAdmin(OfClientAdmin):
    """Consents with proof and withdrawal."""

    task = "records"
    place = 16
    about = _("Consents of clients with proof and withdrawal.")
    list_display = ("client", "purpose", "channel", "given_on", "withdrawn_on", "recorded_by")
    list_filter = ("purpose", "channel", ("withdrawn_on", admin.EmptyFieldListFilter), "given_on")
    list_select_related = ("client", "recorded_by")
