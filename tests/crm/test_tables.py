"""One definition of columns: what an address shows, sorts by and offers."""

import pytest
from django.http import QueryDict

from crm.tables import Cell, Column, Table

COLUMNS = (
    Column("name", "Name", order=("name", "id"), cell=lambda row, _known: Cell(row)),
    Column("sum", "Sum", css="num", order=("sum", "id"), largest_first=True),
    Column("whose", "Whose", needs="managers"),
)


def table(address: str, **more: object) -> Table:
    return Table(COLUMNS, QueryDict(address), **more)  # type: ignore[arg-type]


def test_it_shows_what_the_address_asks_for() -> None:
    assert table("cols=sum&cols=none", usual=["name"]).shown == ["sum"]
    assert table("cols=none", usual=["name"]).shown == ["name"]


def test_without_a_choice_all_are_shown() -> None:
    assert table("cols=sum").shown == ["name", "sum"]


def test_a_column_that_needs_a_right_is_neither_shown_nor_offered() -> None:
    without = table("cols=whose", usual=["name"])
    assert without.shown == []
    assert [key for key, _title, _shown in without.choices()] == ["name", "sum"]
    having = table("cols=whose", usual=["name"], rights={"managers"})
    assert having.shown == ["whose"]
    assert having.choices()[-1] == ("whose", "Whose", True)


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("", ("-name", "-id")),
        ("sort=sum", ("sum", "id")),
        ("sort=-sum", ("-sum", "-id")),
        ("sort=whose", ("-name", "-id")),
        ("sort=nothing", ("-name", "-id")),
    ],
)
def test_it_sorts_by_columns_that_sort(address: str, order: tuple[str, ...]) -> None:
    assert table(address, default="-name").order == order


def test_it_has_no_order_of_its_own() -> None:
    assert table("").order == ()


@pytest.mark.parametrize(
    ("address", "name_url", "sum_url"),
    [
        ("cursor=x&q=1", "?q=1&sort=name", "?q=1&sort=-sum"),
        ("sort=name", "?sort=-name", "?sort=-sum"),
        ("sort=-name", "?sort=name", "?sort=-sum"),
        ("sort=-sum", "?sort=name", "?sort=sum"),
    ],
)
def test_a_click_on_a_head_turns_the_order_round(address: str, name_url: str, sum_url: str) -> None:
    heads = {head.key: head.sort_url for head in table(address).heads()}
    assert (heads["name"], heads["sum"]) == (name_url, sum_url)


def test_heads_say_how_they_sort() -> None:
    heads = {head.key: head.direction for head in table("sort=-sum").heads()}
    assert heads == {"name": "", "sum": "descending"}


def test_cells_stand_with_the_classes_of_their_column() -> None:
    assert table("").cells("x", None) == [("", Cell("x"))]
