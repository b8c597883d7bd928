"""Forms of scripts and plans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from crm.forms import CrispyFormMixin
from staff.models import Branch
from visits.models import Script, ScriptStep

MOST_STEPS, MOST_READ = 20, 30


class StepForm(forms.Form):
    """One prompt of a script. A step without a Chinese prompt is left out."""

    kind = forms.ChoiceField(
        choices=ScriptStep.Kind.choices, label=_("Kind"), initial="question", required=False
    )
    style = forms.ChoiceField(
        choices=[("", "—"), *ScriptStep.Style.choices], label=_("Kind of question"), required=False
    )
    title_zh = forms.CharField(max_length=40, label=_("Title (Chinese)"), required=False)
    title_en = forms.CharField(max_length=40, label=_("Title (English)"), required=False)
    prompt_zh = forms.CharField(
        max_length=1000, widget=forms.Textarea, label=_("Prompt (Chinese)"), required=False
    )
    prompt_en = forms.CharField(
        max_length=1000, widget=forms.Textarea, label=_("Prompt (English)"), required=False
    )
    answer = forms.ChoiceField(choices=ScriptStep.Answer.choices, label=_("Answer"))
    flags = forms.CharField(
        max_length=500,
        widget=forms.Textarea,
        label=_("Answers to be examined"),
        required=False,
    )
    options_zh = forms.CharField(
        max_length=500, widget=forms.Textarea, label=_("Options (Chinese)"), required=False
    )
    options_en = forms.CharField(
        max_length=500, widget=forms.Textarea, label=_("Options (English)"), required=False
    )
    if_step = forms.IntegerField(
        min_value=1, max_value=30, label=_("Only after step"), required=False
    )
    if_values = forms.CharField(
        max_length=500, widget=forms.Textarea, label=_("If answered"), required=False
    )

    MAIN = ("kind", "answer", "title_zh", "style", "prompt_zh", "options_zh")

    def main_fields(self) -> list[forms.BoundField]:
        """What nearly every step needs."""
        return [self[name] for name in self.MAIN]

    def more_fields(self) -> list[forms.BoundField]:
        """English wording, conditions and answers to be examined."""
        return [self[name] for name in self.fields if name not in self.MAIN]

    def more_is_open(self) -> bool:
        """Whether the further fields show: they hold a condition, or something to be mended."""
        names = [name for name in self.fields if name not in self.MAIN]
        wrong = self.is_bound and any(name in self.errors for name in [*names, "__all__"])
        return wrong or any(self[name].value() for name in ("if_step", "if_values", "flags"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = kind
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs |= {"rows": "2", "placeholder": " "}
        for name in ("options_zh", "options_en"):
            self.fields[name].help_text = _("One a line.")
        for name in ("if_values", "flags"):
            self.fields[name].help_text = _(
                "Options in Chinese, or numbers of a scale; one a line."
            )

    def clean(self) -> dict[str, Any]:
        """Title and prompt come together; a choice has options, in the same number."""
        data = super().clean() or {}
        for name in ("options_zh", "options_en", "if_values", "flags"):
            lines = [line.strip() for line in data.get(name, "").splitlines()]
            data[name] = [line for line in lines if line]
            if any(len(line) > 40 for line in data[name]):
                self.add_error(name, _("An option has at most 40 characters."))
        data["kind"] = data.get("kind") or ScriptStep.Kind.QUESTION
        if data.get("prompt_zh") and not data.get("title_zh"):
            self.add_error("title_zh", _("Give the step a title."))
        if data.get("title_zh") and not data.get("prompt_zh"):
            self.add_error("prompt_zh", _("Write what is to be asked, or clear the title."))
        if data.get("answer") == ScriptStep.Answer.CHOICE:
            if not data["options_zh"]:
                self.add_error("options_zh", _("Enter the options to choose from."))
            if data["options_en"] and len(data["options_en"]) != len(data["options_zh"]):
                self.add_error("options_en", _("Enter one line for each Chinese option, or none."))
        return data


class StepsForm(forms.BaseFormSet):  # type: ignore[type-arg]
    """The steps of a script in their order; emptied ones are left out."""

    def steps(self) -> list[dict[str, Any]]:
        """The steps to publish; ``position`` is the number that the user saw."""
        return [
            {**data, "position": number}
            for number, data in enumerate(self.cleaned_data, 1)
            if data and data.get("prompt_zh")
        ]


Steps = forms.formset_factory(
    StepForm,
    formset=StepsForm,
    extra=0,
    max_num=MOST_STEPS,
    validate_max=True,
    absolute_max=MOST_READ,
)


def initial_steps(steps: list[ScriptStep]) -> list[dict[str, str]]:
    """Steps as the form shows them; a script without steps begins with an empty one."""
    names = ("kind", "style", "title_zh", "title_en", "prompt_zh", "prompt_en", "answer", "if_step")
    lists = ("options_zh", "options_en", "if_values", "flags")
    return [
        {
            **{name: str(getattr(step, name) or "") for name in names},
            **{name: "\n".join(getattr(step, name)) for name in lists},
        }
        for step in steps
    ] or [{"kind": ScriptStep.Kind.QUESTION, "answer": ScriptStep.Answer.TEXT}]


class ScriptForm(CrispyFormMixin, forms.Form):
    """What a new script is called and what it is for; its steps come next."""

    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=60)
    name_en = forms.CharField(label=_("Name (English)"), max_length=60, required=False)
    # The questions of return visits are compliance's own.
    purpose = forms.ChoiceField(
        label=_("Used for"),
        choices=[pair for pair in Script.Purpose.choices if pair[0] != Script.Purpose.COMPLIANCE],
        help_text=_("A regular script is chosen in the plan of a segment."),
    )
    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        label=_("Segment"),
        required=False,
        empty_label=_("All segments"),
    )
    submit_label = _("Write its steps")


class CopyForm(forms.Form):
    """Segment of the user's branch, or whole branch, for which a script is copied."""

    segment = forms.ModelChoiceField(Segment.objects.none(), label=_("Segment"), required=False)
    branch = forms.ModelChoiceField(Branch.objects.none(), label=_("Branch"), required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data = super().clean() or {}
        if not data.get("segment") and not data.get("branch"):
            raise forms.ValidationError(_("Choose a branch of yours or one of its segments."))
        return data
