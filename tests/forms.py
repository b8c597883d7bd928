"""What a browser would send back from a page of the administration."""

from datetime import date, time
from typing import Any


def filled(answer: Any) -> dict[str, Any]:
    """All fields of the page's form and of its inline forms, as they stand."""
    context = answer.context
    data = _values(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        data |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _values(form)
    return data


def _values(form: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if bound.field.disabled or value is None or value is False:
            continue
        if isinstance(value, date | time):
            value = value.isoformat()
        found[bound.html_name] = value
    return found
