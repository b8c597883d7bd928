"""The form of one row of the client file."""

from __future__ import annotations

import re
from copy import copy
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.file.rows import Row, tags_of
from clients.models import Client, Tag
from crm.forms import CrispyFormMixin, CrispyModelForm

# Tags of a client at the most, and what stands between two of them.
MOST_TAGS = 20
F = TypeVar("F", bound=forms.BaseForm)
_BETWEEN = re.compile(r"[,，、;；\n]+")


class RowForm(CrispyModelForm[Client]):
    """The columns of one row. ``seen`` is the state of the row that the person had before them."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.TypedChoiceField):
                offered: Any = self.fields[name]
                offered.choices = [("", "—"), *offered.choices[1:]]

    def values(self) -> dict[str, Any]:
        """The entered values by column."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class TagsForm(CrispyFormMixin, forms.Form):
    """The tags of a client as words."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=700,
        help_text=gettext_lazy("Put a comma between two tags."),
    )

    def clean_tags(self) -> list[str]:
        """The words, each once. Raises ValidationError with a sentence."""
        words = [word.strip() for word in _BETWEEN.split(self.cleaned_data["tags"])]
        names = list(dict.fromkeys(filter(None, words)))
        longest = Tag._meta.get_field("name").max_length or 0
        if any(len(name) > longest for name in names):
            raise ValidationError(
                _("A tag has at most %(most)s characters: shorten it.") % {"most": longest}
            )
        if len(names) > MOST_TAGS:
            raise ValidationError(_("At most %(most)s tags: leave some out.") % {"most": MOST_TAGS})
        return names

    def values(self) -> dict[str, Any]:
        """The entered values by column."""
        return {"tags": self.cleaned_data["tags"]}


def form_of(row: Row, client: Client, data: Any = None) -> RowForm | TagsForm:
    """The form of ``row``, with what the client has now or with ``data`` as entered."""
    if row.key == "tags":
        tags = tags_of(client)
        shown = {"seen": row.state(client, tags), "tags": "、".join(tags)}
        return _dressed(TagsForm(data, initial=shown))
    made: Any = forms.modelform_factory(Client, form=RowForm, fields=row.fields)
    # What is entered is put on a copy: the client stays as it is, for the page around the form.
    shown = {"seen": row.state(client)}
    form: RowForm = made(data, instance=copy(client), initial=shown)
    return _dressed(form)


def _dressed(form: F) -> F:
    """The form with the looks of a field; one opens it to type, so its first field has the focus."""
    for place, bound in enumerate(form.visible_fields()):
        attributes = bound.field.widget.attrs
        is_choice = isinstance(bound.field, forms.ChoiceField)
        attributes["class"] = "form-select" if is_choice else "form-control"
        if place == 0 and not form.is_bound:
            attributes["data-focus"] = ""
    return form
