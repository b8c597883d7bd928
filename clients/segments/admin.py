"""Administration of segments, their rules, and segment changes of clients."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.models import Segment, SegmentChange, SegmentRule
from clients.segments.fields import CRITERIA, DIMENSIONS
from clients.segments.services import end_rule, revise_rule, take_after
from crm.admin_base import (
    ModelForm,
    ReadOnly,
    ReadOnlyAdmin,
    Rows,
    ScopedChoices,
    ScopedRelatedFilter,
    StackedInline,
)
from crm.admin_history import LISTS
from crm.localized import listed
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter

LISTS.update({name: dict(dimension.choices.choices) for name, dimension in DIMENSIONS.items()})


class RuleForm(ModelForm):
    """A rule by checkboxes; a line without a tick matches all."""

    ends = forms.BooleanField(
        label=_("End this rule today"),
        required=False,
        help_text=_("The segment then takes pinned clients only."),
    )

    class Meta:
        model = SegmentRule
        fields = CRITERIA

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, dimension in DIMENSIONS.items():
            if name in self.fields:
                self.fields[name] = forms.MultipleChoiceField(
                    choices=dimension.choices.choices,
                    label=self.fields[name].label,
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                )
        if not self.instance.pk and "ends" in self.fields:
            self.fields["ends"].disabled = True


class RuleInline(ScopedChoices, StackedInline):
    """The rule in force; saving a change ends it and begins the next version today."""

    model = SegmentRule
    form = RuleForm
    fields = (*CRITERIA, "ends")
    can_delete = False
    extra = 1
    max_num = 1
    verbose_name_plural = _("rule in force (a change begins a new version today)")

    def get_queryset(self, request: HttpRequest) -> Rows:
        """The open one."""
        return super().get_queryset(request).filter(valid_to__isnull=True)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A rule that is to be read only cannot be ended either."""
        return self.fields if self._editable(request, obj) else CRITERIA

    def _editable(self, request: HttpRequest, segment: Any) -> bool:
        page = self.admin_site.get_model_admin(Segment)
        return segment is None or (
            page.has_change_permission(request, segment)
            and self.has_change_permission(request, segment)
        )


@admin.register(Segment)
class SegmentAdmin(BranchOwnedAdmin):
    """Classes of clients that are served alike, each with its rule."""

    task = "rules"
    place = 10
    about = _("Classes of clients that are served alike, each with its rule.")
    list_display = ("name_zh", "name_en", "key", "tier", "colour", "branch", "is_default", "rule")
    list_display_links = ("name_zh", "name_en")
    list_filter = ("tier", ScopeFilter, ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("key", "name_zh", "name_en")
    autocomplete_fields = ("branch",)
    inlines = (RuleInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The key names the segment for the command line and stays; one default is enough."""
        return ("key", "is_default") if obj else ("is_default",)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """No rule for the default segment, which takes clients that no rule matches."""
        return () if obj and obj.is_default else super().get_inlines(request, obj)

    def get_queryset(self, request: HttpRequest) -> Rows:
        """With the priority of the rule in force."""
        return super().get_queryset(request).prefetch_related("rules")

    @admin.display(description=_("priority of the rule"))
    def rule(self, segment: Segment) -> int | None:
        """Priority of the rule in force; empty if there is none."""
        priorities = [rule.priority for rule in segment.rules.all() if rule.valid_to is None]
        return priorities[0] if priorities else None

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        """A new segment is contacted from the first day on."""
        super().save_model(request, obj, form, change)
        if not change:
            take_after(obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Through the service: rules are versions."""
        formset.save(commit=False)
        for part in formset.forms:
            if not part.has_changed():
                continue
            if part.cleaned_data.get("ends"):
                end_rule(segment=formset.instance)
            else:
                asked = {name: part.cleaned_data[name] for name in CRITERIA}
                revise_rule(segment=formset.instance, by=request.user, **asked)  # type: ignore[arg-type]


@admin.register(SegmentRule)
class SegmentRuleAdmin(ReadOnly, BranchOwnedAdmin):
    """All versions of all rules; they are edited on the page of their segment."""

    task = "rules"
    place = 15
    about = _("All versions of the rules, with the days on which they held.")
    branch_path = "segment__branch"
    list_display = ("segment", "priority", "takes", "valid_from", "valid_to")
    list_filter = (("valid_to", admin.EmptyFieldListFilter), ("segment", ScopedRelatedFilter))
    list_select_related = ("segment",)
    search_fields = ("segment__key", "segment__name_zh", "segment__name_en")
    date_hierarchy = "valid_from"

    @admin.display(description=_("takes"))
    def takes(self, rule: SegmentRule) -> str:
        """What the rule asks for, in words; nothing for one that takes all."""
        return listed(
            dimension.choices(value).label
            for name, dimension in DIMENSIONS.items()
            for value in getattr(rule, name)
        )


@admin.register(SegmentChange)
class SegmentChangeAdmin(ReadOnlyAdmin):
    """Segment changes of clients, with date and reason."""

    task = "audit"
    place = 70
    about = _("Clients that changed their segment, when and by which rule.")
    seen_with = "client"
    list_display = ("at", "client", "segment", "rule", "pinned", "reason", "employee")
    list_filter = ("pinned", "at", ("segment", ScopedRelatedFilter))
    list_select_related = ("client", "segment", "rule__segment", "employee")
    search_fields = ("=client__name",)
    ordering = ("-id",)
