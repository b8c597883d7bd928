"""Keyset paging: every row once, in order, both ways; an odd cursor is the first page."""

import datetime
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import IntegerField, QuerySet, Value
from django.db.models.functions import Cast, NullIf, Substr
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.paging import PARAMETER, Page, paginate

pytestmark = pytest.mark.django_db

START = datetime.datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=datetime.UTC)
# Nine stands for an empty value, so that one table serves plain and nullable orders.
EMPTY = 9


def make(ranks: Sequence[int]) -> None:
    """One row per rank: many tie on the date, every key is unique."""
    Session.objects.all().delete()
    Session.objects.bulk_create(
        Session(
            session_key=f"{rank}-{number:03d}",
            session_data="",
            expire_date=START + datetime.timedelta(microseconds=rank),
        )
        for number, rank in enumerate(ranks)
    )


def ranked() -> QuerySet[Session]:
    """With ``rank`` from the key's first character; empty where it is nine."""
    return Session.objects.annotate(
        rank=NullIf(
            Cast(Substr("session_key", 1, 1), IntegerField()),
            Value(EMPTY),
            output_field=IntegerField(),
        )
    )


def turn(rows: QuerySet[Session], order: Sequence[str], query: str, size: int) -> Page[Session]:
    return paginate(rows, order=order, query=QueryDict(query.removeprefix("?")), size=size)


def keys(page: Page[Session]) -> list[str]:
    return [row.session_key for row in page.items]


@pytest.mark.parametrize(
    "order",
    [
        ("session_key",),
        ("expire_date", "session_key"),
        ("-expire_date", "-session_key"),
        ("-expire_date", "session_key"),
        ("rank", "session_key"),
        ("-rank", "session_key"),
        ("-rank", "-session_key"),
    ],
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ranks=st.lists(st.sampled_from([0, 1, 2, EMPTY]), max_size=14),
    size=st.integers(min_value=1, max_value=5),
)
def test_it_shows_every_row_once_forward_and_back(
    order: tuple[str, ...], ranks: list[int], size: int
) -> None:
    make(ranks)
    rows = ranked()
    expected = [row.session_key for row in rows.order_by(*order)]
    pages = [turn(rows, order, "", size)]
    assert pages[0].previous_query == ""
    while pages[-1].next_query:
        pages.append(turn(rows, order, pages[-1].next_query, size))
        assert len(pages) <= len(ranks) + 1
    assert [key for page in pages for key in keys(page)] == expected
    assert all(len(page.items) == size for page in pages[:-1])

    page = pages[-1]
    seen = [keys(page)]
    while page.previous_query:
        page = turn(rows, order, page.previous_query, size)
        seen.insert(0, keys(page))
    assert [key for part in seen for key in part] == expected


def test_it_keeps_filters_in_the_links() -> None:
    make([0, 1, 2])
    page = turn(Session.objects.all(), ("session_key",), "q=王&segment=3", 1)
    query = QueryDict(page.next_query.removeprefix("?"))
    assert query["q"] == "王"
    assert query["segment"] == "3"
    assert query[PARAMETER]


@pytest.mark.parametrize(
    "cursor", ["x", "W10:abc", ":", "\x00", "\ud800", "0", "'; drop", "a" * 9000]
)
def test_it_answers_an_odd_cursor_with_the_first_page(cursor: str) -> None:
    make([0, 1, 2])
    query = QueryDict(mutable=True)
    query[PARAMETER] = cursor
    page = paginate(Session.objects.all(), order=("session_key",), query=query, size=2)
    assert keys(page) == ["0-000", "1-001"]


def test_it_does_not_take_a_cursor_of_another_sorting() -> None:
    make([0, 1, 2])
    rows = Session.objects.all()
    other = turn(rows, ("-session_key",), "", 1).next_query
    assert keys(turn(rows, ("session_key",), other, 1)) == ["0-000"]


def test_it_does_not_take_a_changed_cursor() -> None:
    make([0, 1, 2])
    rows = Session.objects.all()
    query = QueryDict(turn(rows, ("session_key",), "", 1).next_query[1:], mutable=True)
    cursor = str(query[PARAMETER])
    query[PARAMETER] = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    assert keys(paginate(rows, order=("session_key",), query=query, size=1)) == ["0-000"]


def test_it_starts_again_where_the_rows_beyond_are_gone() -> None:
    make([0, 1])
    rows = Session.objects.all()
    beyond = turn(rows, ("session_key",), "", 1).next_query
    Session.objects.filter(session_key="1-001").delete()
    page = turn(rows, ("session_key",), beyond, 1)
    assert keys(page) == ["0-000"]
    assert page.is_alone


def test_it_compares_whole_rows_so_that_one_index_serves() -> None:
    make([0, 0, 0, 1])
    rows = Session.objects.all()
    query = turn(rows, ("expire_date", "session_key"), "", 2).next_query
    with CaptureQueriesContext(
        connection,
    ) as captured:
        turn(rows, ("expire_date", "session_key"), query, 2)
    assert len(captured) == 1
    sql: Any = captured[0]["sql"]
    assert '("django_session"."expire_date", "django_session"."session_key") > (' in sql
