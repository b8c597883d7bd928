"""Fields drawn at once: Django's widgets take a template for each of them, and for each choice."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_SELECTED, _CHECKED = mark_safe(" selected"), mark_safe(" checked")
_INVALID = mark_safe(' aria-invalid="true"')


def _given(field: BoundField) -> str:
    value: Any = field.value()
    return "" if value is None else str(value)


@register.filter
def control(field: BoundField) -> SafeString:
    """A select, a text of several lines or an input, with what was given."""
    widget, name, key = field.field.widget, field.html_name, field.id_for_label
    invalid = _INVALID if field.errors else ""
    if isinstance(widget, forms.Select):
        choices = tuple((str(value), str(text)) for value, text in widget.choices)
        return _select(name, key, invalid, choices, _given(field))
    if isinstance(widget, forms.Textarea):
        markup = '<textarea class="form-control" rows="2" name="{}" id="{}"{}>\n{}</textarea>'
        return format_html(markup, name, key, invalid, _given(field))
    value = widget.format_value(field.value())
    kind = widget.attrs.get("type") or getattr(widget, "input_type", "text")
    markup = '<input class="form-control" type="{}" name="{}" id="{}" value="{}"{}>'
    return format_html(markup, kind, name, key, "" if value is None else value, invalid)


@lru_cache(maxsize=256)
def _select(
    name: str, key: str, invalid: str, choices: tuple[tuple[str, str], ...], given: str
) -> SafeString:
    """The element. Choices are few and the same for many readers, so the last ones are kept."""
    drawn = '<select class="form-select" name="{}" id="{}"{}>{}</select>'
    return format_html(drawn, name, key, invalid, options(choices, given))


@register.filter
def detail(field: BoundField) -> SafeString:
    """A control with its label, and its error or help."""
    below: SafeString | str = ""
    if field.errors:
        below = format_html('<p class="late small mb-0">{}</p>', field.errors[0])
    elif field.help_text:
        below = format_html('<p class="form-hint mb-0">{}</p>', field.help_text)
    return format_html(
        '<div class="mb-2"><label class="form-label" for="{}">{}</label>{}{}</div>',
        *(field.id_for_label, field.label, control(field), below),
    )


@register.simple_tag
def options(rows: Iterable[tuple[object, str]], chosen: object = None) -> SafeString:
    """The options of a select, pairs of value and text; there may be many."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, _SELECTED if value == chosen else "", text) for value, text in rows),
    )


@register.filter
def radios(field: BoundField) -> SafeString:
    """Radio buttons with their labels, the chosen one marked."""
    given, name = _given(field), field.html_name
    choices = field.field.choices  # type: ignore[attr-defined]
    rows = (
        (name, name, value, value, _CHECKED if str(value) == given else "", name, value, text)
        for value, text in choices
    )
    return format_html_join(
        "\n",
        '<input type="radio" name="{}" id="{}-{}" value="{}"{}><label for="{}-{}">{}</label>',
        rows,
    )


@register.filter
def checks(field: BoundField) -> SafeString:
    """Check boxes with their labels, the chosen ones marked."""
    given, name = [str(value) for value in field.value() or []], field.html_name
    choices = field.field.choices  # type: ignore[attr-defined]
    rows = (
        (name, value, name, name, value, value, _CHECKED if str(value) in given else "", text)
        for value, text in choices
    )
    return format_html_join(
        "\n",
        '<label class="form-check" for="{}-{}"><input class="form-check-input" type="checkbox"'
        ' name="{}" id="{}-{}" value="{}"{}> {}</label>',
        rows,
    )
