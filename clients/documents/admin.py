"""Administration of documents: to look at; their content is opened in the client file."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    Document,
)
from clients.scoped_admin import OfClientAdmin


@admin.register(Document)
class DocumentAdmin(OfClientAdmin):
    """Documents without their content, which is opened on the client's page and logged there."""

    task = "records"
    place = 17
    about = _("Documents of clients without their content.")
    list_display = ("client", "kind", "name", "size", "uploaded_by", "uploaded_at", "voided_at")
    list_filter = ("kind", "uploaded_at", ("voided_at", admin.EmptyFieldListFilter))
    list_select_related = ("client", "uploaded_by")
