"""A small firm in the middle of its work, and the ways in which its days are looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from clients.file.services import refresh_search, set_phones
from clients.models import Client, Segment
from crm.trading_days import add, today
from staff.models import Employee
from tests.browser import NO_TELEPHONE, PATIENCE
from tests.days.day import Day, Mode
from tests.factories import CallbackFactory, ClientFactory, OpportunityFactory, VisitFactory
from tests.test_url_access import World, world
from visits.models import CallbackPlan

__all__ = ["world"]

# In the suite; ``make days`` looks at all of them.
FEW = [Mode(1280, "zh", "light"), Mode(390, "en", "dark")]
ALL = [
    Mode(width, language, theme)
    for width in (1280, 390, 360)
    for language in ("zh", "en")
    for theme in ("light", "dark")
]
MODES = ALL if os.environ.get("CRM_DAYS") else FEW


@pytest.fixture(params=MODES, ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def firm(
    world: World,
    zhang: Client,
    zhou: Client,
    manager: Employee,
    broker: Employee,
    colleague: Employee,
    stranger: Employee,
    regional_head: Employee,
    compliance: Employee,
    operations: Employee,
    administrator: Employee,
) -> World:
    """People of every role, and clients whose calls are due, late and to come."""
    set_phones(client=zhang, numbers=["+8613812341234"])
    reached = timezone.now() - timedelta(days=95)
    VisitFactory(client=zhang, occurred_at=reached, satisfaction_service=4, notes="认同长期持有")
    Client.objects.update(risk_grade="C2", last_contact_on=timezone.localdate(reached))
    plan = CallbackPlan.objects.get(segment=zhang.segment, valid_to=None)
    anchor = timezone.localdate(reached)
    CallbackFactory(client=zhang, kind="cadence", plan=plan, anchor_on=anchor, due_on=today())
    private = Segment.objects.get(key="private")
    names = [("陈雅琴", "chenyaqin"), ("刘建国", "liujianguo"), ("孙晓梅", "sunxiaomei")]
    for n, (name, sound) in enumerate(names):
        client = ClientFactory(
            name=name, name_pinyin=sound, title="ms", manager=manager, segment=private
        )
        set_phones(client=client, numbers=[f"+861390000000{n}"])
        due = today() - timedelta(days=6) if n == 0 else add(today(), n - 1)
        CallbackFactory(client=client, due_on=due, reason="再次致电 · 有意见", attempts=2 - n)
        OpportunityFactory(client=client, kind="sale") if n == 1 else None
        refresh_search(client=client)
    ClientFactory(name="何文", name_pinyin="hewen", title="mr", manager=broker, segment=private)
    refresh_search(client=zhang)
    return world


@pytest.fixture
def live(
    chromium: Browser, live_server: Any, mode: Mode
) -> Iterator[Callable[[Employee, str], Day]]:
    """``live(manager, "manager")`` begins the day of somebody who was not logged in."""
    context = chromium.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        viewport={"width": mode.width, "height": 844 if mode.is_phone else 900},
        has_touch=mode.is_phone,
        is_mobile=mode.is_phone,
        reduced_motion="reduce",
    )
    days: list[Day] = []

    def begun(person: Employee, name: str) -> Day:
        page: Page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(NO_TELEPHONE)
        day = Day(page, person, mode, name)
        page.on("pageerror", lambda error: day.found.append(f"script error: {error}"))
        days.append(day)
        day.begin()
        return day

    yield begun
    context.close()
