"""Filters of a list wait behind a switch on a phone, unless the address uses them."""

from django import template
from django.http import QueryDict

register = template.Library()
# Tabs, order and place within a list: they choose how to look, not which rows.
_NO_FILTER = frozenset(
    {"by", "cols", "created_from", "created_to", "cursor", "day", "kind", "month", "mine"}
    | {"shown", "show", "sort", "status", "view", "within"}
)


@register.filter
def narrows(given: QueryDict) -> bool:
    """Whether an address asks for some rows of a list alone."""
    return any(value for key, value in given.items() if key not in _NO_FILTER)
