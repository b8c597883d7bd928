"""Administration of notifications: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm.admin_base import Rows
from crm.notifications import kinds
from staff.models import Notification
from staff.scoped_admin import OfOwnBranchesAdmin


@admin.register(Notification)
class NotificationAdmin(OfOwnBranchesAdmin):
    """Lines of the inboxes: figures only, no client's name."""

    task = "records"
    place = 44
    about = gettext_lazy("Lines of the inboxes of employees.")
    list_display = ("created_at", "employee", "kind", "title", "read_at")
    fields = list_display
    list_filter = ("kind", "created_at", ("read_at", admin.EmptyFieldListFilter))
    list_select_related = ("employee",)
    search_fields = ("employee__username", "employee__full_name", "=key")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Those of people in scope; what is private, for whom it is alone."""
        rows = super().scope(rows, request)
        if getattr(request.user, "is_superuser", False):
            return rows
        private = [kind.key for kind in kinds if kind.private]
        return rows.exclude(~Q(employee=request.user.pk), kind__in=private)

    @admin.display(description=gettext_lazy("sentence"))
    def title(self, notification: Notification) -> str:
        """The sentence in the reader's language."""
        return notification.title
