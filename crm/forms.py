"""The base of every edit form: one look, errors gathered at the top, a submission that goes once.

The summary of errors is templates/bootstrap5/errors.html, which crispy draws above the fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, LayoutObject
from django import forms
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from crm.fragments import fragment

M = TypeVar("M", bound=Model)

PICKERS: dict[type[forms.Field], str] = {
    forms.DateField: "date",
    forms.DateTimeField: "datetime-local",
    forms.TimeField: "time",
}


class Grid(Div):
    """Fields side by side where there is room: ``Grid("birthday", "title")``."""

    css_class = "crm-form-grid"


class Fold(LayoutObject):
    """Fields that are folded away until asked for, or until one of them is wrong or was given."""

    def __init__(self, summary: str, *fields: Any) -> None:
        self.summary = summary
        self.fields = list(fields)

    def render(self, form: forms.BaseForm, context: Any, **options: Any) -> SafeString:
        """As crispy asks for it."""
        names = [pointer.name for pointer in self.get_field_names()]
        opened = form.is_bound and any(
            form[name].errors or _given(form, name) for name in names if not form[name].is_hidden
        )
        body = self.get_rendered_fields(form, context, **options)
        return fragment("components/fold.html", summary=self.summary, body=body, opened=opened)


def _given(form: forms.BaseForm, name: str) -> bool:
    """Whether a field holds something else than the form came with."""
    initial = form.get_initial_for_field(form.fields[name], name)
    return str(form[name].value() or "") != str(initial or "")


class Buttons(LayoutObject):
    """The end of a form: what sends it, and the way out where there is one."""

    def __init__(self, submit_label: str | Promise, cancel_url: str) -> None:
        self.submit_label, self.cancel_url = submit_label, cancel_url
        self.fields: list[str] = []

    def render(self, form: forms.BaseForm, context: Any, **_options: Any) -> SafeString:
        """As crispy asks for it; it draws no field."""
        return fragment(
            "components/form_buttons.html",
            submit_label=self.submit_label,
            cancel_url=self.cancel_url,
        )


class TelInput(forms.TextInput):
    """A telephone number: phones show the keypad for it."""

    input_type = "tel"


class CrispyFormMixin:
    """Mix into a ``Form`` and draw it by ``{% crispy form %}``; models: ``CrispyModelForm``.

    Override ``layout`` to arrange the fields (all of them in a column by default), and
    ``submit_label`` and ``cancel_url`` for the buttons. Dates get the browser's own picker.
    ``helper_action`` and ``helper_attrs`` (``{"hx-post": …}``) reach the form tag.
    """

    submit_label: str | Promise = gettext_lazy("Save")
    cancel_url: str = ""
    helper_action: str = ""
    helper_attrs: dict[str, str] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea) and field.widget.attrs.get("rows") == "10":
                field.widget.attrs["rows"] = "3"
            # Django's own words name a "field"; a person is told what to do.
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = gettext_lazy("Fill this in.")
            kind = PICKERS.get(type(field))
            if kind and not field.widget.is_hidden:
                field.widget = _picker(kind, field.widget.attrs)
                field.widget.is_required = field.required

    def layout(self) -> Layout:
        """The arrangement of the fields, without errors and buttons."""
        return Layout(*self.fields)

    @property
    def helper(self) -> FormHelper:
        """What ``{% crispy form %}`` asks for."""
        helper = FormHelper()
        helper.form_method = "post"
        helper.form_action = self.helper_action
        helper.attrs = {"data-once": "", "novalidate": "", **self.helper_attrs}
        helper.layout = Layout(self.layout(), Buttons(self.submit_label, self.cancel_url))
        return helper


if TYPE_CHECKING:

    class CrispyModelForm(CrispyFormMixin, forms.ModelForm[M]):
        """A model's form in the product's look: ``class ClientForm(CrispyModelForm[Client])``."""

else:

    class CrispyModelForm(CrispyFormMixin, forms.ModelForm):
        """A model's form in the product's look: ``class ClientForm(CrispyModelForm[Client])``."""

        def __class_getitem__(cls, _model):
            # Django's ModelForm knows its model by Meta; the parameter is for the type checker.
            return cls


def offer(field: forms.Field, rows: QuerySet[Any]) -> forms.ModelChoiceField[Any]:
    """Let a field of a form offer ``rows`` and nothing else; the field, for what else it needs.

    Raises TypeError for a field that chooses no rows.
    """
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"{type(field).__name__} offers no rows")
    field.queryset = rows
    return field


def _picker(kind: str, attrs: dict[str, Any]) -> forms.Widget:
    """The browser's own picker. It reads ISO only, whatever the reader's language writes."""
    attrs = {**attrs, "type": kind}
    if kind == "date":
        return forms.DateInput(attrs=attrs, format="%Y-%m-%d")
    if kind == "time":
        return forms.TimeInput(attrs=attrs, format="%H:%M")
    return forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M")
