"""Forms of imports and exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.importing.guess import Choices, targets
from clients.importing.services import SUFFIXES, source_of
from clients.models import ClientExport, ClientImport, Lifecycle
from clients.permissions import branches_for
from crm.forms import CrispyFormMixin
from staff.models import Branch, Employee


class UploadForm(CrispyFormMixin, forms.Form):
    """A file, and the branch whose clients it holds."""

    submit_label = _("Continue")

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
        error_messages={"empty": _("The file is empty. Export it again.")},
    )
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = branches_for(employee)
        field: Any = self.fields["branch"]
        field.queryset = Branch.objects.filter(pk__in=[branch.pk for branch in mine])
        if employee.branch in mine:
            field.initial = employee.branch


class MappingForm(CrispyFormMixin, forms.Form):
    """Targets of the columns, and the treatment of existing clients."""

    mode = forms.ChoiceField(label=_("What to do"), choices=ClientImport.Mode.choices)
    match = forms.ChoiceField(label=_("Recognise clients by"), choices=ClientImport.Match.choices)
    system = forms.CharField(
        label=_("Name of the source system"),
        max_length=40,
        required=False,
        help_text=_("The same name every time: then a second file updates by its key."),
    )
    lifecycle = forms.ChoiceField(
        label=_("New ones are"),
        choices=[
            (Lifecycle.PROSPECT.value, Lifecycle.PROSPECT.label),
            (Lifecycle.CLIENT.value, Lifecycle.CLIENT.label),
        ],
    )
    deal_out = forms.BooleanField(
        label=_("Deal new ones out to the managers of the branch"), required=False
    )

    def __init__(self, *args: Any, batch: ClientImport, **kwargs: Any) -> None:
        detected = batch.detected
        kwargs["initial"] = {
            "mode": detected.get("mode", batch.mode),
            "match": detected.get("match", batch.match),
            "system": detected.get("system", batch.mapping.get("source", "")),
            "lifecycle": detected.get("lifecycle"),
            "deal_out": detected.get("deal_out"),
        }
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.known = targets()

    def columns(self) -> list[dict[str, Any]]:
        """Each column of the file with examples and its target."""
        detected = self.batch.detected
        chosen = self.chosen() if self.is_bound else detected["targets"]
        return [
            {"number": number, "name": name, "samples": samples, "target": target}
            for number, (name, samples, target) in enumerate(
                zip(
                    detected["header"],
                    detected["samples"] or detected["header"],
                    chosen,
                    strict=True,
                )
            )
        ]

    def chosen(self) -> list[str]:
        """The submitted target of each column; '' for none and for unknown ones."""
        allowed = {key for key, _label in self.known}
        count = len(self.batch.detected["header"])
        sent = [self.data.get(f"column-{number}", "") for number in range(count)]
        return [target if target in allowed else "" for target in sent]

    def clean(self) -> dict[str, Any]:
        """Each target is of one column."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        labels = dict(self.known)
        chosen = [target for target in self.chosen() if target]
        for target in sorted({target for target in chosen if chosen.count(target) > 1}):
            text = _("“%(field)s” is chosen for several columns.")
            self.add_error(None, forms.ValidationError(text, params={"field": labels[target]}))
        return data

    def choices(self) -> Choices:
        """The chosen options."""
        return Choices(
            header=self.batch.detected["header"],
            targets=self.chosen(),
            source=source_of(self.batch, self.cleaned_data["system"]),
            lifecycle=self.cleaned_data["lifecycle"],
            deal_out=self.cleaned_data["deal_out"],
        )


class ExportForm(CrispyFormMixin, forms.Form):
    """Reason and format of an export."""

    submit_label = _("Export")

    query = forms.CharField(widget=forms.HiddenInput, max_length=2000, required=False)
    format = forms.ChoiceField(label=_("Format"), choices=ClientExport.Format.choices)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It is kept with the export."),
        error_messages={"required": _("Say what the export is for.")},
    )
    in_clear = forms.BooleanField(
        label=_("Phone and identity numbers in the clear"),
        required=False,
        help_text=_("Only where the purpose needs them; somebody else has to approve it."),
    )

    def __init__(self, *args: Any, clear: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not clear:
            del self.fields["in_clear"]
