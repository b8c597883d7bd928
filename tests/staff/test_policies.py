"""Which number of the rules is in force: of which branch, from when to when."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from staff.models import Branch, Policy
from staff.policy_words import meaning, unit_words

pytestmark = pytest.mark.django_db

KEY = "calls_a_day"
DAY = date(2026, 6, 10)


def write(value: int, branch: Branch | None = None, **period: date) -> None:
    Policy.objects.create(
        key=KEY, value=value, unit="calls", branch=branch, **{"valid_from": DAY, **period}
    )


def number(branch: Branch | None = None) -> Decimal:
    return Policy.objects.number(KEY, on=DAY, branch=branch, default=7)


def test_it_falls_back_where_nothing_was_ruled(branch: Branch) -> None:
    assert number() == number(branch) == 7


def test_it_takes_the_nearest_branch_above(
    head_office: Branch, company: Branch, branch: Branch, other_branch: Branch
) -> None:
    write(1)
    write(3, branch)
    write(2, company)
    assert number() == number(head_office) == 1
    assert number(company) == number(other_branch) == 2
    assert number(branch) == 3


def test_it_heeds_the_first_day_and_not_the_last(branch: Branch) -> None:
    write(1, valid_from=date(2026, 6, 1), valid_to=DAY)
    assert number() == 7
    write(2)
    assert number() == 2
    write(3, branch, valid_from=date(2026, 6, 11))
    assert number(branch) == 2


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_number_that_ships_says_what_it_decides(language: str) -> None:
    with translation.override(language):
        for policy in Policy.objects.all():
            said, unit = meaning(policy.key), unit_words(policy.unit)
            assert said != policy.key, policy.key
            assert unit != policy.unit or language == "en", policy.unit
            if language == "zh-hans":
                assert re.search(r"[\u4e00-\u9fff]", said), policy.key


def test_a_number_of_the_firms_own_stands_by_its_key() -> None:
    assert meaning("house_rule") == "house_rule"
    assert unit_words("pigeons") == "pigeons"
