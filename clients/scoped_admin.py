"""The base of administration pages whose rows belong to a client."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin


class OfClientAdmin(ReadOnlyAdmin):
    """Rows of clients that the user may see."""

    seen_with = "client"
    list_select_related: ClassVar[Any] = ("client",)
    search_fields: ClassVar[Any] = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering: ClassVar[Any] = ("-id",)
