"""A day of somebody, lived by clicking; after each step what is to be read can be read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from staff.models import Employee
from tests.browser import axe

LEAST_CONTRAST = 4.5
_SCRIPT = Path(__file__).with_name("legible.js").read_text(encoding="utf-8")
# Pixels by which a place may move while something is dragged to it.
STEADY = 3
# Words that are the same in Chinese.
COMMON = [
    "csv",
    "xlsx",
    "excel",
    "ctrl",
    "pdf",
    "jpeg",
    "webp",
    "png",
    "https",
    "webhook",
    "example",
    "bark",
    "dingtalk",
    "ntfy",
]
# Where ``make days`` wants its pictures; the suite draws none.
PICTURES = os.environ.get("CRM_DAYS", "")


@dataclass(frozen=True)
class Mode:
    """How a day is looked at: width in pixels, language and theme."""

    width: int
    language: str
    theme: str

    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{self.theme}"

    @property
    def is_phone(self) -> bool:
        return self.width < 768


def faults(page: Page, language: str) -> list[str]:
    """What cannot be read on the page as it stands, in sentences."""
    names = Employee.objects.values_list("username", flat=True)
    asked = {"least": LEAST_CONTRAST, "language": language, "common": [*COMMON, *names]}
    found: list[str] = page.evaluate(_SCRIPT, asked)
    return found


class Day:
    """One person's day: clicks are counted, every state is looked at."""

    def __init__(self, page: Page, person: Employee, mode: Mode, name: str) -> None:
        self.page, self.person, self.mode, self.name = page, person, mode, name
        self.clicks = 0
        self._looked: set[str] = set()
        self._pictures = 0
        self.found: list[str] = []

    def begin(self) -> None:
        """Log in, with the person's own language and theme."""
        self.person.language = {"zh": "zh-hans", "en": "en"}[self.mode.language]
        self.person.theme = self.mode.theme
        self.person.save(update_fields=["language", "theme"])
        self.page.goto("/accounts/login/")
        self.look("login")
        self.page.fill("input[name=login]", self.person.username)
        self.page.fill("input[name=password]", "correct-horse-battery")
        with self.step("first page"):
            self.page.press("input[name=password]", "Enter")
            self.page.wait_for_url(lambda url: "/accounts/" not in url)
        self.clicks = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One interaction, and a look at what came of it."""
        yield
        self.look(name)

    def click(self, target: str | Locator, name: str) -> None:
        """Press something: a selector, or what Playwright finds."""
        self.clicks += 1
        with self.step(name):
            self._of(target).click()

    def drag(self, card: Locator, target: Locator, name: str) -> None:
        """Drag a card to where somebody aims: that place must not move away under the pointer."""
        self.clicks += 1
        mouse, aimed = self.page.mouse, _box(target)
        x, y, width, height = _box(card)
        mouse.move(x + width / 2, y + height / 2)
        mouse.down()
        mouse.move(x + width / 2 + 8, y + height / 2 + 8, steps=4)
        mouse.move(aimed[0] + aimed[2] / 2, aimed[1] + aimed[3] / 2, steps=12)
        moved = max(abs(now - then) for now, then in zip(_box(target)[:2], aimed[:2], strict=True))
        if moved > STEADY:
            self.found.append(f"{self.name}, {self.mode}, {name}: the place moved by {moved:.0f}")
        mouse.up()
        self.look(name)

    def fill(self, target: str | Locator, text: str, name: str = "") -> None:
        """Type into a field: one act, as a tap into it is."""
        self.clicks += 1
        self._of(target).fill(text)
        if name:
            self.look(name)

    def choose(self, target: str | Locator, value: str, name: str = "") -> None:
        """Choose of a list."""
        self.clicks += 1
        self._of(target).select_option(value)
        if name:
            self.look(name)

    def go(self, address: str) -> None:
        """Go to a place of the frame: by the side bar, or by the bar of phones; else by bookmark."""
        for bar in (".crm-nav", ".crm-tabs"):
            link = self.page.locator(f"{bar} a[href='{address}']")
            if link.count() and link.first.is_visible():
                self.click(link, f"place {address}")
                return
        self.visit(address, f"place {address}")

    def tabs(self, row: str) -> None:
        """Every page of a row of tabs, one after another."""
        addresses = self.page.locator(f"{row} a").evaluate_all(
            "(links) => links.map((link) => link.getAttribute('href'))"
        )
        for address in addresses:
            link = self.page.locator(f"{row} a[href='{address}']")
            self.click(link, f"tab {address.partition('?')[0]}")

    def visit(self, address: str, name: str) -> None:
        """Open an address from a bookmark, where no click leads."""
        with self.step(name):
            answer = self.page.goto(address)
            if answer is not None and not answer.ok:
                self.found.append(f"{self.name}, {self.mode}, {name}: answered {answer.status}")

    def count(self, act: Callable[[], Any]) -> int:
        """How many interactions ``act`` takes."""
        before = self.clicks
        act()
        return self.clicks - before

    def _of(self, target: str | Locator) -> Locator:
        return self.page.locator(target).first if isinstance(target, str) else target.first

    def look(self, name: str) -> None:
        """See that everything on the page can be read; axe once for each state."""
        page = self.page
        page.wait_for_load_state()
        page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")
        # What moves or fades is looked at as it comes to rest.
        page.evaluate("document.getAnimations().forEach((a) => { try { a.finish(); } catch {} })")
        where = f"{self.name}, {self.mode}, {name}"
        self.found += [f"{where}: {fault}" for fault in faults(page, self.mode.language)]
        state = re.sub(r"[0-9a-f-]{36}|\d+", "·", page.url) + name
        if state not in self._looked:
            self._looked.add(state)
            try:
                axe(page)
            except AssertionError as error:
                self.found.append(f"{where}: {error}")
        if PICTURES:
            self._pictures += 1
            folder = Path(PICTURES) / str(self.mode) / self.name
            folder.mkdir(parents=True, exist_ok=True)
            words = re.sub(r"\W+", "-", name)
            page.screenshot(path=folder / f"{self._pictures:02}-{words}.png", full_page=True)

    def end(self) -> None:
        """Fail with everything that was found wrong on this day."""
        assert self.found == [], "\n".join(dict.fromkeys(self.found))


def _box(target: Locator) -> tuple[float, float, float, float]:
    box = target.bounding_box()
    assert box is not None, "it is not drawn"
    return box["x"], box["y"], box["width"], box["height"]
