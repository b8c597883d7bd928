"""Administration of branches, postings and policies; each package registers its own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import policies
from crm.admin_base import FirmAdmin, ModelForm, ReadOnlyAdmin, Rows, ScopedRelatedFilter
from crm.citations import CitationForm
from crm.models import SavedView
from crm.rights import SpokenRights
from staff.absences import admin as absences_admin  # noqa: F401
from staff.employees import admin as employees_admin  # noqa: F401
from staff.jobs import admin as jobs_admin  # noqa: F401
from staff.models import Branch, Outage, Policy, Posting
from staff.notifications import admin as notifications_admin  # noqa: F401
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter, own_branches

admin.site.unregister(Group)


@admin.register(Group)
class SuperuserGroupAdmin(SpokenRights, GroupAdmin):
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


class PolicyForm(CitationForm):
    """One number with its source."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say beside the number of a row what it may be, where that is known."""
        super().__init__(*args, **kwargs)
        known = policies.registry.get(self.instance.key)
        if known is not None and "value" in self.fields:
            limits = {"least": known.least, "most": known.most}
            words = _("Choose a number from %(least)s to %(most)s.") % limits
            self.fields["value"].help_text = words

    def clean(self) -> dict[str, Any] | None:
        """Refuse a number that makes no sense, a period that ends before it starts, and a branch
        where the firm's row holds."""
        data = super().clean()
        value = self.cleaned_data.get("value")
        least, most = policies.bounds(self.cleaned_data.get("key", ""))
        if value is not None and not least <= value <= most:
            limits = {"least": least, "most": most}
            self.add_error("value", _("Choose a number from %(least)s to %(most)s.") % limits)
        start, end = self.cleaned_data.get("valid_from"), self.cleaned_data.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", ValidationError(_("The end lies before the start.")))
        # A row from before this was refused may still be ended.
        ends = self.instance.pk and end
        of_branch = self.cleaned_data.get("branch") and not ends
        if of_branch and policies.of_firm_only(self.cleaned_data.get("key", "")):
            self.add_error("branch", _("This number holds for the whole firm: leave it empty."))
        return data


@admin.register(Policy)
class PolicyAdmin(BranchOwnedAdmin):
    """Numbers of the rules of the trade, each with its citation and whether it was verified."""

    form = PolicyForm
    list_display = (
        "meaning",
        "number",
        "unit_words",
        "branch",
        "status",
        "valid_from",
        "valid_to",
        "source",
        "key",
    )
    fields = (
        "key",
        "meaning",
        "value",
        "unit",
        "branch",
        "valid_from",
        "valid_to",
        "citation",
        "status",
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
        return policies.meaning(policy.key) if policy.key else "-"

    @admin.display(description=gettext_lazy("value"), ordering="value")
    def number(self, policy: Policy) -> str:
        """The number without idle zeros."""
        return policies.number_words(policy.value)

    @admin.display(description=gettext_lazy("unit"), ordering="unit")
    def unit_words(self, policy: Policy) -> str:
        """The unit in words."""
        return policies.unit_words(policy.unit)

    @admin.display(description=gettext_lazy("source of the rule"), ordering="citation")
    def source(self, policy: Policy) -> str:
        """The citation; one that ships, in the reader's language."""
        return policies.citation_words(policy.citation)


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
