"""Administration of the pipeline: stages and reasons to edit, opportunities to look at."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    FirmAdmin,
    ModelForm,
    ReadOnlyAdmin,
    ReadOnlyInline,
    ScopedRelatedFilter,
    name_fields,
)
from crm.localized import listed
from pipeline.models import (
    Assessment,
    AssessmentKind,
    Competitor,
    LostReason,
    Opportunity,
    Stage,
    StageMove,
)
from pipeline.models.assessment import QUESTIONS

name_fields(Opportunity, state=_("state"), updated_at=_("changed at"))


class KeyedAdmin(FirmAdmin):
    """Reference rows that the program and the figures name by key."""

    list_display_links = ("name_zh", "name_en")
    list_filter: ClassVar[tuple[str, ...]] = ("is_active",)
    search_fields = ("key", "name_zh", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What opportunities copy does not change under them."""
        return ("key",) if obj else ()


class StageForm(ModelForm):
    """The assessments required are ticked, not written."""

    gates = forms.TypedMultipleChoiceField(
        label=_("assessments required"),
        choices=AssessmentKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing comes to this stage, or past it, without them."),
    )


@admin.register(Stage)
class StageAdmin(KeyedAdmin):
    """Steps of each kind of opportunity, from the first contact to its end."""

    task = "reference"
    place = 30
    about = _("Steps of an opportunity, and the assessments that they ask for.")
    form = StageForm
    list_display = (
        "name_zh",
        "name_en",
        "opportunity_kind",
        "kind",
        "position",
        "required",
        "key",
        "is_active",
    )
    list_filter = ("opportunity_kind", "kind", "is_active")
    ordering = ("position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Key and kinds: opportunities keep copies of them."""
        return ("key", "opportunity_kind", "kind") if obj else ()

    @admin.display(description=_("assessments required"))
    def required(self, stage: Stage) -> str:
        """Names of the gates."""
        return listed(AssessmentKind(gate).label for gate in stage.gates)


@admin.register(LostReason)
class LostReasonAdmin(KeyedAdmin):
    """Why opportunities are lost."""

    task = "reference"
    place = 50
    about = _("Reasons to choose from when an opportunity is lost.")
    list_display = ("name_zh", "name_en", "opportunity_kind", "key", "position", "is_active")
    list_filter = ("opportunity_kind", "is_active")


@admin.register(Competitor)
class CompetitorAdmin(KeyedAdmin):
    """Competitors to whom opportunities are lost."""

    task = "reference"
    place = 60
    about = _("Firms to whom opportunities are lost.")
    list_display = ("name_zh", "name_en", "key", "position", "is_active")


class MoveInline(ReadOnlyInline):
    """Stage moves."""

    model = StageMove
    fields = ("moved_on", "from_stage", "to_stage", "employee", "at")


def answers_in_words(assessment: Assessment) -> str:
    """Each question with its answer, as the reader's language strings them."""
    found = []
    for question in QUESTIONS[assessment.which]:
        value = assessment.answers.get(question.key)
        if value:
            found.append(f"{question.label}: {question.shown(value)}")
    return listed(found)


class AssessmentInline(ReadOnlyInline):
    """Assessments by version."""

    model = Assessment
    fields = ("which", "version", "said", "by", "on")

    @admin.display(description=_("answers"))
    def said(self, assessment: Assessment) -> str:
        """Questions and answers in words."""
        return answers_in_words(assessment)


@admin.register(Opportunity)
class OpportunityAdmin(ReadOnlyAdmin):
    """Opportunities of all kinds in progress, won and lost; people move them on the board."""

    task = "records"
    place = 50
    about = _("Opportunities in progress, won and lost.")
    list_display = ("client", "kind", "stage", "amount", "expected_on", "stage_since", "closed_on")
    list_filter = (
        "kind",
        "state",
        "stage_since",
        "expected_on",
        ("stage", ScopedRelatedFilter),
        ("lost_reason", ScopedRelatedFilter),
        ("competitor", ScopedRelatedFilter),
    )
    list_select_related = ("client", "stage")
    search_fields = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering = ("-id",)
    inlines = (MoveInline, AssessmentInline)


@admin.register(StageMove)
class StageMoveAdmin(ReadOnlyAdmin):
    """Each step of each opportunity; the funnel counts these."""

    task = "records"
    place = 51
    about = _("Each step of each opportunity.")
    seen_with = "opportunity"
    list_display = ("moved_on", "opportunity", "from_stage", "to_stage", "employee")
    list_filter = ("moved_on", ("to_stage", ScopedRelatedFilter))
    list_select_related = (
        "opportunity__client",
        "opportunity__stage",
        "from_stage",
        "to_stage",
        "employee",
    )
    search_fields = ("=opportunity__client__name", "=employee__full_name", "=employee__username")
    ordering = ("-id",)


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    """The assessments of opportunities; made on their pages."""

    task = "records"
    place = 52
    about = _("Assessments of opportunities.")
    list_display = ("on", "opportunity", "which", "version", "by")
    list_filter = ("which", "on")
    list_select_related = ("opportunity__client", "opportunity__stage", "by")
    search_fields = ("=opportunity__client__name", "=by__full_name", "=by__username")
    ordering = ("-id",)
    fields = ("opportunity", "which", "version", "said", "by", "on", "at")

    @admin.display(description=_("answers"))
    def said(self, assessment: Assessment) -> str:
        """Questions and answers in words."""
        return answers_in_words(assessment)
