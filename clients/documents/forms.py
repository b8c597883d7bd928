"""Forms of documents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Document
from crm.forms import CrispyFormMixin


class DocumentForm(CrispyFormMixin, forms.Form):
    """A scan or photo, and the folder it belongs to."""

    kind = forms.ChoiceField(label=_("Folder"), choices=Document.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    # On a phone this offers the camera; pictures are turned into JPEG by the phone.
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}
        ),
        help_text=_("JPEG, PNG, WebP or PDF, up to 20 MB. A phone offers its camera."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty: choose another."),
            "max_length": _("The name of the file is too long: rename it."),
        },
    )


class VoidForm(forms.Form):
    """Why a document does not hold."""

    reason = forms.CharField(max_length=200)
