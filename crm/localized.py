"""Reference data carries its human text in Chinese and English columns (docs/design.md)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, pgettext


def localized(row: Any, field: str) -> str:
    """Text of ``<field>_zh`` or ``<field>_en`` in the reader's language; an empty one falls back.

    ``row`` is an object or a named row of columns (``outcome__name`` is a field then).
    """
    chinese: str = getattr(row, f"{field}_zh")
    english: str = getattr(row, f"{field}_en")
    if (get_language() or "").startswith("en"):
        return english or chinese
    return chinese or english


def choice(choices: type[TextChoices], value: str) -> str:
    """Text of a stored choice in the reader's language, '' for none; a value of old as it is.

    As ``get_…_display``, which goes through all choices each time: this is for pages that show many.
    """
    try:
        return str(choices(value).label) if value else ""
    except ValueError:
        return value


def listed(parts: Iterable[object]) -> str:
    """Several things one after another, as the reader's language strings them."""
    return pgettext("between the parts of a list", ", ").join(str(part) for part in parts)
