"""Administration of branches, policies, postings and notifications."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin_base import FirmAdmin, ModelForm, ReadOnlyAdmin, Rows, ScopedRelatedFilter
from crm.models import Job, JobFile, SavedView
from staff import policy_words
from staff.employees import admin as admin_employee  # noqa: F401
from staff.models import Absence, Branch, Notification, Outage, Policy, Posting
from staff.policies import FIRM_ONLY, range_of, shown
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter, own_branches

admin.site.unregister(Group)


@admin.register(Group)
class SuperuserGroupAdmin(GroupAdmin):
    """Bundles of rights. Whoever edits them gives rights, so superusers only."""

    def _superuser(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return self._superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return self._superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return self._superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return self._superuser(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return self._superuser(request)


class BranchForm(ModelForm):
    """Keeps the branches one tree."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a second root, and a branch that would lie under itself."""
        data = super().clean()
        parent = self.cleaned_data.get("parent")
        own_path = self.instance.path if self.instance.pk else ""
        if parent and own_path and parent.path.startswith(own_path):
            self.add_error("parent", _("A branch cannot belong to itself or to one below it."))
        if parent is None and self.cleaned_data.get("kind") != Branch.Kind.HEAD_OFFICE:
            self.add_error("parent", _("Choose what it belongs to; only the head office is free."))
        return data


@admin.register(Branch)
class BranchAdmin(FirmAdmin):
    """The tree of the firm; staff of a branch see their part of it."""

    form = BranchForm
    list_display = ("code", "name_zh", "name_en", "kind", "parent", "province", "is_active")
    list_filter = ("kind", "is_active", "province")
    list_select_related = ("parent",)
    search_fields = ("code", "name_zh", "name_en", "province")
    autocomplete_fields = ("parent",)
    ordering = ("path", "code")

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """One's own branch and those below."""
        own = own_branches(request)
        return rows if own is None else rows.filter(pk__in=own)


@admin.register(Posting)
class PostingAdmin(OfOwnBranchesAdmin):
    """Where people worked; written when an employee's branch changes."""

    list_display = ("employee", "branch", "valid_from", "valid_to")
    list_select_related = ("employee", "branch")
    list_filter = (("branch", ScopedRelatedFilter),)
    search_fields = ("employee__username", "employee__full_name")
    date_hierarchy = "valid_from"


class PolicyForm(ModelForm):
    """One number with its source."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a number that makes no sense, a period that ends before it starts, and a branch
        where the firm's row holds."""
        data = super().clean()
        value = self.cleaned_data.get("value")
        least, most = range_of(self.cleaned_data.get("key", ""))
        if value is not None and not least <= value <= most:
            limits = {"least": least, "most": most}
            self.add_error("value", _("Choose a number from %(least)s to %(most)s.") % limits)
        start, end = self.cleaned_data.get("valid_from"), self.cleaned_data.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", ValidationError(_("The end lies before the start.")))
        # A row from before this was refused may still be ended.
        ends = self.instance.pk and end
        of_branch = self.cleaned_data.get("branch") and not ends
        if of_branch and self.cleaned_data.get("key") in FIRM_ONLY:
            self.add_error("branch", _("This number holds for the whole firm: leave it empty."))
        return data


@admin.register(Policy)
class PolicyAdmin(BranchOwnedAdmin):
    """Numbers of the rules of the trade, each with its citation and whether it was verified."""

    form = PolicyForm
    list_display = (
        *("meaning", "number", "unit_words", "branch", "status"),
        *("valid_from", "valid_to", "source", "key"),
    )
    fields = (
        *("key", "meaning", "value", "unit", "branch"),
        *("valid_from", "valid_to", "citation", "status"),
    )
    readonly_fields = ("meaning",)
    list_filter = ("status", ScopeFilter, ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("key", "citation")
    autocomplete_fields = ("branch",)
    save_as = True

    @admin.display(description=gettext_lazy("meaning"), ordering="key")
    def meaning(self, policy: Policy) -> str:
        """What the number decides."""
        return policy_words.meaning(policy.key) if policy.key else "-"

    @admin.display(description=gettext_lazy("value"), ordering="value")
    def number(self, policy: Policy) -> str:
        """The number without idle zeros."""
        return policy_words.number_words(policy.value)

    @admin.display(description=gettext_lazy("unit"), ordering="unit")
    def unit_words(self, policy: Policy) -> str:
        """The unit in words."""
        return policy_words.unit_words(policy.unit)

    @admin.display(description=gettext_lazy("source of the rule"), ordering="citation")
    def source(self, policy: Policy) -> str:
        """The citation; one that ships, in the reader's language."""
        return shown(policy.citation)


@admin.register(Notification)
class NotificationAdmin(OfOwnBranchesAdmin):
    """Lines of the inboxes: figures only, no client's name."""

    list_display = ("created_at", "employee", "kind", "title", "read_at")
    list_filter = ("kind", "created_at", ("read_at", admin.EmptyFieldListFilter))
    list_select_related = ("employee",)
    search_fields = ("employee__username", "employee__full_name", "=key")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Those of people in scope; what tells of return visits and cases, for whom it is alone."""
        rows = super().scope(rows, request)
        if getattr(request.user, "is_superuser", False):
            return rows
        told = [Notification.Kind.RETURN_VISITS, Notification.Kind.EXCEPTION_CASE]
        return rows.exclude(~Q(employee=request.user.pk), kind__in=told)

    @admin.display(description=gettext_lazy("sentence"))
    def title(self, notification: Notification) -> str:
        """The sentence in the reader's language."""
        return notification.title


@admin.register(Absence)
class AbsenceAdmin(OfOwnBranchesAdmin):
    """Who is away; entered and taken back on the product's own page, which plans anew."""

    list_display = ("employee", "starts_on", "ends_on", "substitute", "reason", "cancelled_at")
    list_filter = ("starts_on",)
    list_select_related = ("employee", "substitute")
    search_fields = ("employee__full_name", "substitute__full_name", "reason")
    ordering = ("-starts_on", "-id")
    fields = (
        *("employee", "starts_on", "ends_on", "substitute", "reason", "entered_by"),
        *("entered_at", "cancelled_at"),
    )


@admin.register(Job)
class JobAdmin(OfOwnBranchesAdmin):
    """Long work of everybody: what waits, runs, or went wrong."""

    list_display = ("title", "kind", "employee", "state", "done", "total", "created_at")
    list_filter = ("state", "created_at")
    list_select_related = ("employee",)
    search_fields = ("title", "kind", "employee__full_name")
    ordering = ("-id",)
    fields = (
        *("title", "kind", "employee", "state", "done", "total", "attempts", "error"),
        *("result", "created_at", "finished_at", "cancel_asked"),
    )


@admin.register(JobFile)
class JobFileAdmin(OfOwnBranchesAdmin):
    """Names and sizes only: the files are for whoever asked for the job."""

    branch_path = "job__employee__branch"
    list_display = ("name", "job", "size")
    list_select_related = ("job",)
    search_fields = ("name", "job__title")
    ordering = ("-id",)
    fields = ("job", "name", "size")


@admin.register(SavedView)
class SavedViewAdmin(OfOwnBranchesAdmin):
    """Lists that people keep under a name."""

    branch_path = "owner__branch"
    list_display = ("name", "page", "owner", "shared")
    list_filter = ("page", "shared")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__full_name")
    ordering = ("-id",)


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    """When a part of the machinery was silent."""

    list_display = ("part", "silent_since", "noticed_at", "mailed_at", "ended_at")
    list_filter = ("part",)
    ordering = ("-id",)
