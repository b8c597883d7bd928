"""Measures and what holds of every registry: one declaration per key."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import gettext_lazy, override

from crm.measures import Measure
from crm.registry import DuplicateKey, Registry

REACHED = Measure(
    key="visits.reached",
    name=gettext_lazy("Clients"),
    definition="Contacts that reached the client.",
    unit="count",
    counts="Contacts that are not void.",
    date_basis="The day of the contact.",
    attribution="Who made the contact, and their branch on that day.",
    better="more",
    adds_over_time=True,
    adds_over_places=True,
    list_route="visits:callbacks",
)


@pytest.fixture
def registry() -> Registry[Measure]:
    return Registry("measures")


def test_it_finds_a_measure_by_its_key(registry: Registry[Measure]) -> None:
    registry.register(REACHED)
    assert registry["visits.reached"] is registry.get("visits.reached") is REACHED
    assert list(registry) == [REACHED]
    with override("zh-hans"):
        assert str(registry["visits.reached"].name) == "客户"


def test_it_takes_the_same_declaration_twice_as_once(registry: Registry[Measure]) -> None:
    registry.register(REACHED, replace(REACHED))
    assert len(registry) == 1


def test_it_refuses_another_measure_of_the_same_key(registry: Registry[Measure]) -> None:
    registry.register(REACHED)
    with pytest.raises(DuplicateKey, match="declared twice"):
        registry.register(replace(REACHED, better="less"))
    assert list(registry) == [REACHED]


def test_it_says_which_key_nobody_declares(registry: Registry[Measure]) -> None:
    assert registry.get("visits.unknown") is None
    with pytest.raises(KeyError, match=r"measures: no room declares 'visits\.unknown'"):
        registry["visits.unknown"]


@pytest.mark.parametrize("adds", [{"adds_over_time": True}, {"adds_over_places": True}])
def test_it_refuses_shares_that_add_up(adds: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"unit": "percent", "adds_over_time": False, "adds_over_places": False}
    replace(REACHED, **plain)
    with pytest.raises(ValueError, match="do not add up"):
        replace(REACHED, **{**plain, **adds})
