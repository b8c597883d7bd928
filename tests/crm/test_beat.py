"""Beat ticks each minute, whatever is done to the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from crm.beat import Scheduler
from crm.celery import app
from crm.periodic import ticks

NOON = datetime.fromisoformat("2026-06-10T12:00:30+08:00")


@pytest.mark.parametrize("jump", [timedelta(days=3), timedelta(days=-3), timedelta(hours=-2)])
def test_it_goes_on_each_minute_after_the_clock_jumped(
    jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.loader.import_default_modules()
    names = sorted(tick.key for tick in ticks)
    sent: list[str] = []

    def note(entry: Any, **_more: Any) -> None:
        sent.append(entry.task)

    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = Scheduler(app)
        monkeypatch.setattr(scheduler, "apply_async", note)

        def a_minute() -> None:
            """Beat sleeps as long as it is told, and looks again."""
            for _ in range(3 * len(names)):
                scheduler.tick()
            clock.shift(timedelta(minutes=1))

        a_minute()
        sent.clear()
        a_minute()
        assert sorted(sent) == names
        clock.shift(jump)
        a_minute()
        for _ in range(2):
            sent.clear()
            a_minute()
            assert sorted(sent) == names
