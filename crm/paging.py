"""Keyset paging: a far page costs what the first one costs.

A page is asked for by a cursor, the sort keys of the row at its edge, signed so that it is opaque
and never trusted. A cursor that is malformed, tampered with, or of another sorting answers with the
first page: an old link must not become an error.
"""

import datetime
import decimal
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP
from django.http import QueryDict

M = TypeVar("M", bound=Model)
R = TypeVar("R")

PAGE_SIZE = 25
PARAMETER = "cursor"


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list, with the query strings of its neighbours ('' where there is none)."""

    items: list[R]
    previous_query: str
    next_query: str

    @property
    def is_alone(self) -> bool:
        """Whether everything fits on this page."""
        return not (self.previous_query or self.next_query)


@dataclass(frozen=True)
class _Key:
    """One sort key: the lookup path, its direction and the field that reads its values."""

    name: str
    descending: bool
    field: "Field[Any, Any]"
    nullable: bool

    def reversed(self) -> "_Key":
        return _Key(self.name, not self.descending, self.field, self.nullable)

    @property
    def ordering(self) -> str:
        return f"-{self.name}" if self.descending else self.name


class _RowAfter(Func):
    """``(a, b) > (x, y)``: PostgreSQL answers it from one index, however many rows tie on ``a``."""

    output_field = BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions)
        self.operator = operator

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(parts) // 2
        left = ", ".join(sql for sql, _ in parts[:half])
        right = ", ".join(sql for sql, _ in parts[half:])
        params = [param for _, values in parts for param in values]
        return f"({left}) {self.operator} ({right})", params


def paginate(
    queryset: QuerySet[M, R],
    *,
    order: Sequence[str],
    query: QueryDict,
    size: int = PAGE_SIZE,
) -> Page[R]:
    """The page of ``queryset`` that ``query["cursor"]`` asks for; one SQL statement.

    ``order`` names columns or annotations (relations with ``__``; ``-`` for descending) and must end
    in a unique one, else rows that tie could be skipped: ``("-due_date", "id")``. Rows are objects,
    or ``values_list(..., named=True)`` with the columns of ``order`` among them. An empty value
    counts as the largest, as in PostgreSQL. An index over the same columns serves plain orders of
    one direction without empty values best.
    """
    keys = [_key(queryset, name) for name in order]
    backward, edge = _read(query.get(PARAMETER, ""), keys, queryset.model)
    wanted = [key.reversed() for key in keys] if backward else keys
    rows_query = queryset.order_by(*(key.ordering for key in wanted))
    if edge is not None:
        rows_query = _after(rows_query, wanted, edge)
    rows = list(rows_query[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    if not rows and edge is not None:
        # The rows beyond this cursor are gone: start again rather than show an empty page.
        bare = query.copy()
        del bare[PARAMETER]
        return paginate(queryset, order=order, query=bare, size=size)
    asked = dict(query.lists())
    has_previous = more if backward else edge is not None
    has_next = more or backward
    return Page(
        items=rows,
        previous_query=_link(asked, keys, queryset.model, rows[0], backward=True)
        if has_previous
        else "",
        next_query=_link(asked, keys, queryset.model, rows[-1], backward=False)
        if rows and has_next
        else "",
    )


def after(
    queryset: QuerySet[M, R], *, order: Sequence[str], asked: Mapping[str, str], row: Any
) -> str:
    """The query string that asks ``paginate`` in this ``order`` for the rows after ``row``.

    ``asked``: the other parameters of the page.
    """
    keys = [_key(queryset, name) for name in order]
    return _link(asked, keys, queryset.model, row, backward=False)


def _key(queryset: QuerySet[M, R], name: str) -> _Key:
    path = name.removeprefix("-")
    annotation = queryset.query.annotations.get(path)
    if annotation is not None:
        return _Key(path, name.startswith("-"), annotation.output_field, nullable=True)
    return _key_of(queryset.model, name)


@cache
def _key_of(model: type[Model], name: str) -> _Key:
    """The sort key of a column of ``model``, or of a model that it leads to."""
    path = name.removeprefix("-")
    nullable = False
    steps = path.split(LOOKUP_SEP)
    field: Any = None
    for step in steps:
        field = model._meta.pk if step == "pk" else model._meta.get_field(step)
        if field is None:
            raise FieldDoesNotExist(f"{model.__name__} has no field {step!r}")
        nullable = nullable or field.null
        if field.is_relation:
            model = field.related_model
    if field.is_relation:
        field = field.target_field
    return _Key(path, name.startswith("-"), field, nullable)


def _after(queryset: QuerySet[M, R], keys: list[_Key], edge: list[Any]) -> QuerySet[M, R]:
    """Only the rows that sort after ``edge``."""
    same_way = len({key.descending for key in keys}) == 1
    if same_way and not any(key.nullable for key in keys):
        values = [
            Value(value, output_field=key.field) for key, value in zip(keys, edge, strict=True)
        ]
        operator = "<" if keys[0].descending else ">"
        return queryset.filter(
            _RowAfter(*(F(key.name) for key in keys), *values, operator=operator)
        )
    beyond = Q()
    ties = Q()
    for key, value in zip(keys, edge, strict=True):
        strictly = _strictly_after(key, value)
        if strictly is not None:
            beyond |= ties & strictly
        ties &= Q(**{f"{key.name}__isnull": True}) if value is None else Q(**{key.name: value})
    return queryset.filter(beyond)


def _strictly_after(key: _Key, value: Any) -> Q | None:
    empty = Q(**{f"{key.name}__isnull": True})
    if value is None:
        return ~empty if key.descending else None
    if key.descending:
        return Q(**{f"{key.name}__lt": value})
    later = Q(**{f"{key.name}__gt": value})
    return later | empty if key.nullable else later


def _signer(keys: Sequence[_Key], model: type[Model]) -> Signer:
    sorting = ",".join(sorted_key.ordering for sorted_key in keys)
    return Signer(salt=f"crm.paging:{model._meta.label_lower}:{sorting}")


def _link(
    asked: Mapping[str, Any], keys: list[_Key], model: type[Model], row: Any, *, backward: bool
) -> str:
    values = [_plain(_value(row, key.name)) for key in keys]
    cursor = _signer(keys, model).sign_object([int(backward), *values])
    return f"?{urlencode({**asked, PARAMETER: cursor}, doseq=True)}"


def _value(row: Any, path: str) -> Any:
    if path in getattr(row, "_fields", ()):  # a named row has one column for the whole path
        return getattr(row, path)
    for step in path.split(LOOKUP_SEP):
        if row is None:
            return None
        row = getattr(row, step)
    return row.pk if isinstance(row, Model) else row


def _plain(value: Any) -> Any:
    """The value as JSON keeps it, to the microsecond; ``to_python`` of its field reads it back."""
    if isinstance(value, datetime.date | datetime.datetime | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    return value


def _read(cursor: str, keys: list[_Key], model: type[Model]) -> tuple[bool, list[Any] | None]:
    """(backward?, values at the edge), or (False, None) for the first page."""
    if not cursor:
        return False, None
    try:
        direction, *values = _signer(keys, model).unsign_object(cursor)
        edge = [key.field.to_python(value) for key, value in zip(keys, values, strict=True)]
    except (BadSignature, ValidationError, ValueError, TypeError):
        return False, None
    return bool(direction), edge
