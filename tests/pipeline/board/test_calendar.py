"""The calendar of the same set: by the day of the next step, or the day that is expected."""

from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.models import Opportunity
from staff.models import Employee
from tests.cast import Browse
from tests.pipeline.board.test_filters import make

pytestmark = pytest.mark.django_db
PAGE = "/pipeline/calendar/"


def on(answer: Any, day: date) -> Any:
    [found] = [row for row in answer.context["month"].days if row.grid.day == day]
    return found


def test_each_day_has_what_its_list_has(browse: Browse, manager: Employee) -> None:
    day = date(2026, 6, 10)
    for n in range(6):
        make(manager, next_step="电话", next_step_on=day, amount=1000 * n or None)
    make(manager, next_step="面谈", next_step_on=day + timedelta(days=1))
    make(manager, "lost", next_step="电话", next_step_on=day)
    browser = browse(manager)
    answer = browser.get(PAGE, {"month": "2026-06"})
    found = on(answer, day)
    assert (found.figures.count, found.figures.total, len(found.cards), found.more) == (
        6,
        15000,
        4,
        2,
    )
    assert [card.amount for card in found.cards] == ["¥5,000", "¥4,000", "¥3,000", "¥2,000"]
    listed = browser.get(found.list_url).context
    assert listed["figures"] == found.figures
    month = answer.context["month"]
    assert month.figures.count == 7
    assert browser.get(month.list_url).context["figures"] == month.figures


def test_it_counts_expected_days_too(browse: Browse, manager: Employee) -> None:
    row = make(manager, expected_on=date(2026, 6, 30), next_step_on=date(2026, 5, 1))
    answer = browse(manager).get(PAGE, {"month": "2026-06", "by": "expected"})
    found = on(answer, date(2026, 6, 30))
    assert [card.url for card in found.cards] == [row.get_absolute_url()]
    assert answer.context["month"].figures.count == 1


def test_days_of_the_months_around_do_not_count(browse: Browse, manager: Employee) -> None:
    make(manager, next_step="x", next_step_on=date(2026, 7, 1))
    answer = browse(manager).get(PAGE, {"month": "2026-06"})
    assert on(answer, date(2026, 7, 1)).figures.count == 1
    assert answer.context["month"].figures.count == 0


def test_it_keeps_the_filters(browse: Browse, head: Employee, manager: Employee) -> None:
    make(manager, next_step="x", next_step_on=date(2026, 6, 1), of={"prospect_type": "advisory"})
    make(manager, next_step="x", next_step_on=date(2026, 6, 1))
    answer = browse(head).get(PAGE, {"month": "2026-06", "type": "advisory"})
    month = answer.context["month"]
    assert month.figures.count == 1
    assert all("type=advisory" in url for url in (*month.urls.values(), month.list_url))


def test_days_open_what_they_count_within_the_own_days(browse: Browse, manager: Employee) -> None:
    for day in (5, 10, 20):
        make(manager, next_step="x", next_step_on=date(2026, 6, day))
    browser = browse(manager)
    narrowed = {"next_from": "2026-06-08", "next_to": "2026-06-15", "state": "won"}
    month = browser.get(PAGE, {"month": "2026-06", **narrowed}).context["month"]
    counts = {row.grid.day.day: row.figures.count for row in month.days if row.grid.inside}
    assert [counts[5], counts[10], counts[20]] == [0, 1, 0]
    days = [row for row in month.days if row.grid.inside and row.grid.day.day in {5, 10, 20}]
    urls = [month.list_url, *(row.list_url for row in days)]
    assert [browser.get(url).context["figures"].count for url in urls] == [1, 0, 1, 0]


@pytest.mark.parametrize(("person", "count"), [("colleague", 0), ("compliance", 1)])
def test_it_keeps_to_the_scope(
    browse: Browse,
    manager: Employee,
    person: str,
    count: int,
    request: pytest.FixtureRequest,
) -> None:
    make(manager, next_step="x", next_step_on=date(2026, 6, 1))
    browser = browse(request.getfixturevalue(person))
    assert browser.get(PAGE, {"month": "2026-06"}).context["month"].figures.count == count
    assert browser.post(PAGE).status_code == 405
    assert Opportunity.objects.count() == 1
