"""The days fail on faults that were there once, or could be: each is planted and has to be found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staff.models import Employee
from tests.days.day import Day, Mode, faults
from tests.days.test_days import CALL, Live, drag_in_calendar
from tests.test_url_access import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHINESE = Mode(1280, "zh", "light")


@pytest.fixture
def mode() -> Mode:
    return CHINESE


@pytest.fixture
def dialled(live: Live, firm: World, manager: Employee) -> Day:
    """The call screen with the number shown."""
    day = live(manager, "manager")
    day.click(CALL, "call")
    day.click("button[form=dial]:visible", "dialled")
    day.page.wait_for_selector("#dialled a[href^='tel:']")
    assert faults(day.page, "zh") == []
    return day


def style(css: str) -> Callable[[Day], None]:
    """A rule that the page's own policy would refuse: put in by the debugger."""

    def planted(day: Day) -> None:
        day.page.evaluate(
            "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
            " document.adoptedStyleSheets = [sheet]; }",
            css,
        )

    return planted


def script(text: str) -> Callable[[Day], None]:
    return lambda day: day.page.evaluate(text)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        # The number was blue on blue.
        (style("a.crm-number { color: var(--c-brand-tint) !important }"), "contrast"),
        (style("h1 { opacity: 0.3 }"), "contrast"),
        (script("document.querySelector('h1').append(' Settings')"), "not translated"),
        (
            style("main h2::before { content: ''; position: absolute; inset: 0; z-index: 9 }"),
            "covered",
        ),
        (style("h1 { width: 20px; overflow: hidden; white-space: nowrap }"), "cut off"),
        (style("main { min-width: 2000px }"), "wider than the screen"),
    ],
    ids=["blue on blue", "faint", "english", "covered", "cut", "wide"],
)
def test_it_is_found(plant: Callable[[Day], None], found: str, dialled: Day) -> None:
    plant(dialled)
    assert any(fault.startswith(found) for fault in faults(dialled.page, "zh"))


def test_a_place_that_moves_away_is_found(live: Live, firm: World, manager: Employee) -> None:
    """The fullest day shrank when its card was taken out, and the calendar moved up."""
    day = live(manager, "manager")
    day.visit("/calendar/?view=month", "calendar")
    style(".crm-cal-day:has(.sortable-chosen) { height: 40px !important; min-height: 0 }")(day)
    drag_in_calendar(day, fresh=False)
    assert any("the place moved" in fault for fault in day.found)
