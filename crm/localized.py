"""Reference data carries its human text in Chinese and English columns (design §2)."""

from typing import Any

from django.utils.translation import get_language


def localized(row: Any, field: str) -> str:
    """Text of ``<field>_zh`` or ``<field>_en`` in the reader's language; an empty one falls back.

    ``row`` is an object or a named row of columns (``outcome__name`` is a field then).
    """
    chinese: str = getattr(row, f"{field}_zh")
    english: str = getattr(row, f"{field}_en")
    if (get_language() or "").startswith("en"):
        return english or chinese
    return chinese or english
