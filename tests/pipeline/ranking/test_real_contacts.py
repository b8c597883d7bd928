"""The learning on 45,211 real contacts (docs/ranking.md): one set of features, both views."""

import os
from pathlib import Path

import numpy as np
import pytest

from bench.bank import Bank, at_random, in_time

FILE = Path(os.environ.get("CRM_REAL_DATA", "")) / "bank-full.csv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.is_file(), reason="CRM_REAL_DATA does not say where it is"),
]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(FILE)


def test_nothing_barred_or_known_after_the_call_is_in(bank: Bank) -> None:
    barred = {"marital", "duration", "age", "day", "month", "y"}
    assert not barred & set(bank.with_latest(np.arange(100)))


def test_a_random_split_reaches_what_is_known_of_such_contacts(bank: Bank) -> None:
    found = at_random(bank)
    assert found["auc"] >= 0.78
    assert found["half"] >= 80


def test_in_time_order_it_is_better_than_rates_and_than_the_last_outcome(bank: Bank) -> None:
    for name, gain in in_time(bank)["gains"].items():
        assert gain["mean"] >= 0.02, name
        assert gain["pooled"] >= 0.02, name
