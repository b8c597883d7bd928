"""Database fields that Django has no exact match for."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchVectorField


def lexemes(tokens: Iterable[str]) -> str:
    """Text form of a ``tsvector`` with exactly these lexemes, each quoted; fit for COPY too."""
    quoted = []
    for token in sorted({token for token in tokens if token}):
        escaped = token.replace("\\", "\\\\").replace("'", "''")
        quoted.append(f"'{escaped}'")
    return " ".join(quoted)


class TokensField(SearchVectorField):  # type: ignore[type-arg]
    """A ``tsvector`` written from ready-made lexemes (see :func:`lexemes`), not parsed from text."""

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::tsvector"
