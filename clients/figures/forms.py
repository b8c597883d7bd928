"""The upload of a back-office file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.figures.mapping import parse, shipped
from clients.importing.reading import FileRefused
from crm.forms import CrispyFormMixin
from crm.trading_days import today

MOST_BYTES = 300 * 1024 * 1024


MOST_MAPPING = 64 * 1024


MAPPINGS = {
    "back-office-zh": gettext_lazy("Monthly list of the back office, Chinese headers"),
    "back-office-en": gettext_lazy("Monthly list of the back office, English headers"),
}


class FiguresForm(CrispyFormMixin, forms.Form):
    """A back-office file, how to read it, and the date of its figures where it has none."""

    submit_label = gettext_lazy("Check the file")

    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        help_text=gettext_lazy("It is checked first; you then see what it would change."),
    )
    mapping = forms.ChoiceField(label=gettext_lazy("What kind of list"))
    own_mapping = forms.FileField(
        label=gettext_lazy("Or a mapping of your own (TOML)"), required=False
    )
    as_of = forms.DateField(
        label=gettext_lazy("Date of the figures"),
        required=False,
        help_text=gettext_lazy("Where the file does not say it; empty is the end of the month."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mapping"]
        field.choices = [(name, MAPPINGS.get(name, name)) for name in reversed(shipped())]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(
                _("The file is larger than %(size)s. Split it.")
                % {"size": filesizeformat(MOST_BYTES)}
            )
        return file

    def clean_own_mapping(self) -> str:
        """The text of a mapping that can be read; '' where none was given."""
        file: UploadedFile[bytes] | None = self.cleaned_data["own_mapping"]
        if file is None:
            return ""
        try:
            text: str = file.read(MOST_MAPPING).decode()
            parse(text, str(file.name))
        except (FileRefused, UnicodeDecodeError) as refused:
            raise ValidationError(str(refused)) from refused
        return text

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day and day > today():
            raise ValidationError(_("The date lies in the future."))
        return day
