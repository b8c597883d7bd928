"""Branches to choose from: a firm has hundreds, and every list of clients offers them."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import get_language

from staff.models import Branch


class BranchName(NamedTuple):
    """What a choice needs of a branch."""

    pk: int
    path: str
    name: str

    def __str__(self) -> str:
        return self.name


def branch_names(rows: QuerySet[Branch]) -> list[BranchName]:
    """``rows`` in their order, as plain columns, named in the reader's language."""
    columns = rows.values_list("pk", "path", "name_zh", "name_en")
    if (get_language() or "").startswith("en"):
        return [BranchName(pk, path, english or chinese) for pk, path, chinese, english in columns]
    return [BranchName(pk, path, chinese or english) for pk, path, chinese, english in columns]
