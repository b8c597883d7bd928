"""Administration of branches, postings and policies; each package registers its own pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.forms import ChoiceField, DateField
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import policies
from crm.admin import HistoryAdmin
from crm.admin_base import FirmAdmin, ModelForm, ReadOnlyAdmin, Rows, ScopedRelatedFilter
from crm.citations import CitationForm
from crm.models import SavedView
from crm.rights import SpokenRights
from staff.absences import admin as absences_admin  # noqa: F401
from staff.employees import admin as employees_admin  # noqa: F401
from staff.jobs import admin as jobs_admin  # noqa: F401
from staff.models import Branch, Outage, Policy, Posting
from staff.notifications import admin as notifications_admin  # noqa: F401
from staff.policies import meeting
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter, own_branches

admin.site.unregister(Group)


@admin.register(Group)
class SuperuserGroupAdmin(SpokenRights, GroupAdmin):
    """Bundles of rights. Whoever edits them gives rights, so superusers only."""

    task = "people"
    place = 60
    about = gettext_lazy("Bundles of rights that several people share.")

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

    task = "people"
    place = 20
    about = gettext_lazy("The tree of the firm: head office, branch companies and branches.")
    form = BranchForm
    list_display = ("code", "name_zh", "name_en", "kind", "parent", "province", "is_active")
    list_filter = ("kind", "is_active")
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

    task = "people"
    place = 50
    about = gettext_lazy("Where each employee worked, from when to when.")
    list_display = ("employee", "branch", "valid_from", "valid_to")
    list_select_related = ("employee", "branch")
    list_filter = (("branch", ScopedRelatedFilter),)
    search_fields = ("employee__username", "employee__full_name")
    date_hierarchy = "valid_from"


class PolicyForm(CitationForm):
    """One number with its source. A new one ends the one in force, from its first day on."""

    last_day = DateField(
        label=gettext_lazy("last day"),
        required=False,
        widget=AdminDateWidget(),
        help_text=gettext_lazy("It holds on this day, too. Empty: until a new version begins."),
    )

    # Versions that end where this one begins; more than one only where they met already.
    ended: tuple[Policy, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keys are those declared; beside the number stands what it may be."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("last_day", self.instance.last_day)
        known = policies.registry.get(self.instance.key)
        if known is not None and "value" in self.fields:
            limits = {"least": known.least, "most": known.most}
            words = _("Choose a number from %(least)s to %(most)s.") % limits
            self.fields["value"].help_text = words
        if "key" in self.fields:
            keys = {row.key: str(row.meaning) for row in policies.registry}
            if self.instance.pk:
                keys = {self.instance.key: policies.meaning(self.instance.key)}
            choices = sorted(keys.items(), key=lambda pair: pair[1])
            self.fields["key"] = ChoiceField(label=gettext_lazy("meaning"), choices=choices)

    def clean(self) -> dict[str, Any] | None:
        """Refuse a number that makes no sense, a period that ends before it starts, and a branch
        where the firm's row holds."""
        data = super().clean()
        key = self.cleaned_data.get("key", "")
        value = self.cleaned_data.get("value")
        least, most = policies.bounds(key)
        if value is not None and not least <= value <= most:
            limits = {"least": least, "most": most}
            self.add_error("value", _("Choose a number from %(least)s to %(most)s.") % limits)
        start, last = self.cleaned_data.get("valid_from"), self.cleaned_data.get("last_day")
        if start and last and last < start:
            self.add_error("last_day", ValidationError(_("The end lies before the start.")))
        # A row from before this was refused may still be ended.
        ends = self.instance.pk and last
        of_branch = self.cleaned_data.get("branch") and not ends
        if of_branch and policies.of_firm_only(key):
            self.add_error("branch", _("This number holds for the whole firm: leave it empty."))
        known = policies.registry.get(key)
        if known is not None:
            self.instance.unit = known.unit
        if start and "last_day" in self.fields and not self.errors:
            end = last + timedelta(days=1) if last else None
            self._keep_apart(start, end)
            self.instance.valid_to = end
        return data

    def _keep_apart(self, start: date, end: date | None) -> None:
        """End what holds on the first day of a new version; refuse to meet any other."""
        row, branch = self.instance, self.cleaned_data.get("branch")
        met = meeting(self.cleaned_data["key"], branch, start=start, end=end).exclude(pk=row.pk)
        if row.pk is None:
            self.ended = tuple(met.filter(valid_from__lt=start))
            met = met.filter(valid_from__gte=start)
        elif branch == row.branch and row.valid_from <= start and _no_later(end, row.valid_to):
            return  # What met others before may be made shorter.
        if (other := met.first()) is not None:
            words = _("Another version holds from %(day)s: these days would have two numbers.")
            field = "last_day" if other.valid_from > start else "valid_from"
            self.add_error(field, words % {"day": other.valid_from.isoformat()})


def _no_later(end: date | None, former: date | None) -> bool:
    return former is None or (end is not None and end <= former)


class PolicyColumns:
    """A row of policies or of their history, as people read it."""

    @admin.display(description=gettext_lazy("last day"), ordering="valid_to")
    def last_day(self, policy: Any) -> str | None:
        """The last day on which it holds."""
        end = policy.valid_to
        return formats.date_format(end - timedelta(days=1)) if end else None

    @admin.display(description=gettext_lazy("meaning"), ordering="key")
    def meaning(self, policy: Any) -> str:
        """What the number decides."""
        return policies.meaning(policy.key) if policy.key else "-"

    @admin.display(description=gettext_lazy("value"), ordering="value")
    def number(self, policy: Any) -> str:
        """The number without idle zeros."""
        return policies.number_words(policy.value)

    @admin.display(description=gettext_lazy("unit"), ordering="unit")
    def unit_words(self, policy: Any) -> str:
        """The unit in words."""
        return policies.unit_words(policy.unit) if policy.unit else "-"

    @admin.display(description=gettext_lazy("source of the rule"), ordering="citation")
    def source(self, policy: Any) -> str:
        """The citation; one that ships, in the reader's language."""
        return policies.citation_words(policy.citation)


@admin.register(Policy)
class PolicyAdmin(PolicyColumns, BranchOwnedAdmin):
    """Numbers of the rules of the trade, each with its citation and whether it was verified."""

    task = "rules"
    place = 50
    about = gettext_lazy("Numbers of the rules, each with its source and its days.")
    form = PolicyForm
    list_display = (
        "meaning",
        "number",
        "unit_words",
        "branch",
        "status",
        "valid_from",
        "last_day",
        "source",
    )
    fields = (
        "key",
        "value",
        "unit_words",
        "branch",
        "valid_from",
        "last_day",
        "citation",
        "status",
    )
    readonly_fields = ("unit_words",)
    list_filter = ("status", ScopeFilter, ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("key", "citation")
    autocomplete_fields = ("branch",)
    # Where two people save at the same moment.
    refusals = {
        "policy_one_open": gettext_lazy(
            "These values do not fit together, or there is such a row already. Check them."
        )
    }

    def save_model(self, request: HttpRequest, obj: Policy, form: PolicyForm, change: bool) -> None:
        """Both versions at once: no day is without a number, and none has two."""
        for ended in form.ended:
            ended.valid_to = obj.valid_from
            ended.save(update_fields=["valid_to"])
        super().save_model(request, obj, form, change)


PolicyEvent: Any = Policy._meta.get_field("events").related_model
admin.site.unregister(PolicyEvent)


@admin.register(PolicyEvent)
class PolicyHistoryAdmin(PolicyColumns, HistoryAdmin):
    """Old rows, in the words and with the last days of the page of policies."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """When and by whom it was changed, and what it said before."""
        before = [name for name in PolicyAdmin.list_display if name != "meaning"]
        return ["pgh_created_at", "pgh_obj", "hand", *before]


@admin.register(SavedView)
class SavedViewAdmin(OfOwnBranchesAdmin):
    """Lists that people keep under a name."""

    task = "records"
    place = 80
    about = gettext_lazy("Lists that people keep under a name.")
    branch_path = "owner__branch"
    list_display = ("name", "page", "owner", "shared")
    list_filter = ("page", "shared")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__full_name")
    ordering = ("-id",)


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    """When a part of the machinery was silent."""

    task = "runs"
    place = 92
    about = gettext_lazy("When a part of the machinery was silent, and for how long.")
    list_display = ("part", "silent_since", "noticed_at", "mailed_at", "ended_at")
    list_filter = ("part",)
    ordering = ("-id",)
