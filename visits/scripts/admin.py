"""Administration of talk scripts: versions, and the steps of the one that may still change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin_base import (
    ModelForm,
    ReadOnlyInline,
    Rows,
    ScopedChoices,
    ScopedRelatedFilter,
    StackedInline,
)
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter
from visits.models import Script, ScriptStep, ScriptVersion, Visit
from visits.scripts.validation import check_steps
from visits.scripts.versions import new_version, renumbered

FROZEN = gettext_lazy("A visit has used this wording: make a new version of the script instead.")


def is_used(version: ScriptVersion) -> bool:
    """Whether a visit has used the version, which freezes it."""
    return Visit._base_manager.filter(script_version=version).exists()


class VersionInline(ReadOnlyInline):
    """All versions; each opens on a page of its own."""

    model = ScriptVersion
    fields = ("number", "valid_from", "valid_to")
    ordering = ("-number",)
    show_change_link = True


@admin.register(Script)
class ScriptAdmin(BranchOwnedAdmin):
    """Talk scripts by name."""

    task = "rules"
    place = 30
    about = gettext_lazy("What is asked and said in a call, in versions.")
    change_form_template = "admin/visits/script/change_form.html"
    list_display = ("name_zh", "name_en", "key", "purpose", "segment", "branch")
    list_display_links = ("name_zh", "name_en")
    list_filter = (ScopeFilter, "purpose", ("branch", ScopedRelatedFilter))
    list_select_related = ("branch", "segment")
    search_fields = ("key", "name_zh", "name_en")
    autocomplete_fields = ("branch",)
    inlines = (VersionInline,)

    def get_urls(self) -> list[Any]:
        """With the button for a new version."""
        view = self.admin_site.admin_view(self.new_version_view)
        own = path("<path:object_id>/new-version/", view, name="visits_script_new_version")
        return [own, *super().get_urls()]

    def new_version_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Copy the version in force and open the copy."""
        script = self.get_object(request, unquote(object_id))
        if script is None:
            raise Http404
        if not self.has_change_permission(request, script):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = new_version(script=script)
        text = _("Version %(number)s is in force from today. Edit its steps before it is used.")
        self.message_user(request, text % {"number": version.number}, messages.SUCCESS)
        return redirect("admin:visits_scriptversion_change", version.pk)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Versions begin when the script is there."""
        return super().get_inlines(request, obj) if obj else ()


class Lines(SimpleArrayField):
    """A list of texts of at most ``most`` characters, one a line."""

    def __init__(self, *, most: int = 40, required: bool = False, **kwargs: Any) -> None:
        text, widget = forms.CharField(max_length=most), forms.Textarea(attrs={"rows": 3})
        super().__init__(text, delimiter="\n", widget=widget, required=required, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Without empty lines."""
        if isinstance(value, str):
            value = "\n".join(line.strip() for line in value.splitlines() if line.strip())
        return super().to_python(value)


class StepForm(ModelForm):
    """One prompt."""

    options_zh = Lines(
        label=gettext_lazy("options (Chinese)"), help_text=gettext_lazy("One a line.")
    )
    options_en = Lines(
        label=gettext_lazy("options (English)"), help_text=gettext_lazy("One a line.")
    )

    if_values = Lines(label=gettext_lazy("if answered"), help_text=gettext_lazy("One a line."))
    flags = Lines(
        label=gettext_lazy("answers to be examined"), help_text=gettext_lazy("One a line.")
    )

    class Meta:
        model = ScriptStep
        fields = (
            "position",
            "kind",
            "style",
            "title_zh",
            "title_en",
            "prompt_zh",
            "prompt_en",
            "answer",
            "options_zh",
            "options_en",
            "if_step",
            "if_values",
            "flags",
        )

    def clean(self) -> dict[str, Any] | None:
        """A choice has options; the English ones are in the order of the Chinese ones."""
        data = super().clean()
        chinese = self.cleaned_data.get("options_zh") or []
        english = self.cleaned_data.get("options_en") or []
        if self.cleaned_data.get("answer") == ScriptStep.Answer.CHOICE and not chinese:
            self.add_error("options_zh", _("Enter the options to choose from."))
        if english and len(english) != len(chinese):
            self.add_error("options_en", _("Enter one line for each Chinese option, or none."))
        return data


class StepFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Formset of the steps of a version, with the validation of the product."""

    def clean(self) -> None:
        """Branches lead to earlier steps; banned phrases are refused."""
        super().clean()
        if any(self.errors):
            return
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data]
        kept = [data for data in kept if not data.get("DELETE") and data.get("position")]
        steps = renumbered(sorted(kept, key=lambda data: int(data["position"])))
        if steps:
            check_steps(steps, self.instance.script.branch)


class StepInline(ScopedChoices, StackedInline):
    """Steps in their order; to look at once a visit has used the version."""

    model = ScriptStep
    form = StepForm
    formset = StepFormSet
    extra = 0
    ordering = ("position",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not to a used version."""
        return not _used(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of a used version."""
        return not _used(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not of a used version."""
        return not _used(obj) and super().has_delete_permission(request, obj)


def _used(version: Any) -> bool:
    """Whether a visit used the version; cached on the row, since pages ask several times."""
    if version is None:
        return False
    if not hasattr(version, "used"):
        version.used = is_used(version)
    return bool(version.used)


@admin.register(ScriptVersion)
class ScriptVersionAdmin(BranchOwnedAdmin):
    """One wording with its steps. New ones are made on the page of the script."""

    task = "rules"
    place = 35
    about = gettext_lazy("Wordings of the scripts; one that was used does not change.")
    branch_path = "script__branch"
    refusals = {"scriptstep_frozen": FROZEN}
    list_display = ("script", "number", "valid_from", "valid_to", "frozen")
    list_filter = (("valid_to", admin.EmptyFieldListFilter), ("script", ScopedRelatedFilter))
    list_select_related = ("script",)
    search_fields = ("script__key", "script__name_zh", "script__name_en")
    fields = ("script", "number", "valid_from", "valid_to", "frozen")
    readonly_fields = ("script", "number", "valid_from", "valid_to", "frozen")
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> Rows:
        """With whether a visit used it."""
        visits = Visit._base_manager.filter(script_version=OuterRef("pk"))
        rows: Rows = super().get_queryset(request).annotate(used=Exists(visits))
        return rows

    @admin.display(description=gettext_lazy("used in a visit"), boolean=True)
    def frozen(self, version: Any) -> bool:
        """Used versions do not change."""
        return _used(version)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By the button on the page of the script, which copies the steps."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions end, they do not vanish."""
        return False


@admin.register(ScriptStep)
class ScriptStepAdmin(BranchOwnedAdmin):
    """All steps, to search for a wording; edited on the page of their version."""

    task = "rules"
    place = 36
    about = gettext_lazy("All steps of all scripts, to find a wording.")
    branch_path = "version__script__branch"
    list_display = ("version", "position", "title_zh", "title_en", "answer")
    list_filter = ("answer", ("version__valid_to", admin.EmptyFieldListFilter))
    list_select_related = ("version__script",)
    search_fields = ("title_zh", "title_en", "prompt_zh", "prompt_en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the page of the version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the page of the version."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the page of the version."""
        return False
