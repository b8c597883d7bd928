"""Bases of administration pages whose rows belong to a client, a callback or a run."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    ReadOnlyAdmin,
    Rows,
)


class OfClientAdmin(ReadOnlyAdmin):
    """Found by the client or the employee, by their whole names: those have an index or are few."""

    search_fields = ("=client__name", "=employee__full_name", "=employee__username")
    search_help_text = _("The whole name of the client or the employee.")


class OfCallbackAdmin(ReadOnlyAdmin):
    """Rows of callbacks that the user may see."""

    seen_with = "callback"


class RunAdmin(ReadOnlyAdmin):
    """Runs over segments of the firm and of the user's branch."""

    list_select_related = ("segment",)
    date_hierarchy = "day"

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Runs of the segments that this person sees."""
        segments = self.get_field_queryset(None, self.model._meta.get_field("segment"), request)
        return rows.filter(segment__in=segments.order_by())
