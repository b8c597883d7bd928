"""Fields drawn at once: Django's widgets take a template for each of them, and for each choice."""

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

from crm.fragments import fragment

register = template.Library()


def _given(field: BoundField) -> str:
    value: Any = field.value()
    return "" if value is None else str(value)


def _choices(field: BoundField) -> list[tuple[str, Any]]:
    choices = field.field.choices  # type: ignore[attr-defined]
    return [(str(value), text) for value, text in choices]


def _control(field: BoundField) -> dict[str, Any]:
    """What the template of a control needs: its kind, what was given and what may be chosen."""
    widget = field.field.widget
    control: dict[str, Any] = {
        "name": field.html_name,
        "id": field.id_for_label,
        "invalid": bool(field.errors),
        "value": _given(field),
    }
    if isinstance(widget, forms.Select):
        choices = [(str(value), text) for value, text in widget.choices]
        return {**control, "kind": "select", "choices": choices}
    if isinstance(widget, forms.Textarea):
        return {**control, "kind": "textarea"}
    value = widget.format_value(field.value())
    kind = widget.attrs.get("type") or getattr(widget, "input_type", "text")
    return {**control, "kind": kind, "value": "" if value is None else value}


@register.filter
def control(field: BoundField) -> SafeString:
    """A select, a text of several lines or an input, with what was given."""
    return fragment("components/control.html", control=_control(field))


@register.simple_tag
def labelled(fields: Iterable[BoundField]) -> SafeString:
    """Several controls with their labels, drawn at once."""
    drawn = [(field.label, _control(field)) for field in fields]
    return fragment("components/fields.html", fields=drawn)


@register.filter
def detail(field: BoundField) -> SafeString:
    """A control with its label, and its error or help."""
    return fragment(
        "components/detail.html",
        control=_control(field),
        label=field.label,
        error=field.errors[0] if field.errors else "",
        help_text=field.help_text,
    )


@register.simple_tag
def options(rows: Iterable[tuple[object, str]], chosen: object = None) -> SafeString:
    """The options of a select, pairs of value and text; there may be many."""
    return fragment("components/options.html", rows=rows, chosen=chosen)


@register.filter
def radios(field: BoundField) -> SafeString:
    """Radio buttons with their labels, the chosen one marked."""
    return fragment(
        "components/radios.html",
        name=field.html_name,
        choices=_choices(field),
        given=_given(field),
    )


@register.filter
def checks(field: BoundField) -> SafeString:
    """Check boxes with their labels, the chosen ones marked."""
    given = {str(value) for value in field.value() or []}
    return fragment(
        "components/checks.html", name=field.html_name, choices=_choices(field), given=given
    )
