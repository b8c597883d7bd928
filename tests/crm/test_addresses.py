"""Addresses by the names of routes: the same as reverse() says, whatever the key."""

from uuid import UUID

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from crm.addresses import address, lazy_address

# The same in every process of the suite.
SOME = UUID("5f0c9f2e-8c44-4c8e-9d0f-2b1f0a6d7c11")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("clients:list", None),
        ("clients:detail", SOME),
        ("clients:detail", str(SOME)),
        ("pipeline:move", SOME),
        ("clients:hand_over", 7),
        ("admin:crm_holiday_changelist", None),
    ],
)
def test_it_says_what_reverse_says(name: str, key: object) -> None:
    expected = reverse(name, args=[] if key is None else [key])
    assert address(name, key) == expected  # type: ignore[arg-type]
    assert address(name, key) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "key"), [("clients:detail", None), ("clients:list", 7), ("clients:nothing", 7)]
)
def test_it_refuses_what_no_route_takes(name: str, key: int | None) -> None:
    with pytest.raises(NoReverseMatch):
        address(name, key)


def test_it_follows_the_prefix_of_the_server() -> None:
    try:
        set_script_prefix("/crm/")
        assert address("clients:hand_over", 7) == "/crm/hand-overs/7/"
    finally:
        set_script_prefix("/")
    assert address("clients:hand_over", 7) == "/hand-overs/7/"


def test_a_lazy_address_is_resolved_as_text() -> None:
    assert f"{lazy_address('clients:list')}?q=1" == "/clients/?q=1"
