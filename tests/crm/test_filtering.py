"""Whether an address narrows a list: then its filters are shown on a phone too."""

import pytest
from django.http import QueryDict

from crm.templatetags.filtering import narrows


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("", False),
        ("status=overdue&by=day&cursor=x", False),
        ("segment=", False),
        ("segment=3", True),
        ("sort=-contact&manager=4", True),
    ],
)
def test_it_tells_filters_from_ways_to_look(query: str, answer: bool) -> None:
    assert narrows(QueryDict(query)) is answer
