"""A real browser for tests: the system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Addresses that lead to no host; the last two are parts of the browser's own PDF reader.
WITHIN = ("data:", "blob:", "about:", "chrome-extension:", "chrome:")
# How long a page may take on a machine that does much else; whoever waits goes on at once.
PATIENCE = 60_000
WITHOUT = "no Chromium on this machine; install the package chromium to run the browser tests"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for the session. Where there is none: skipped, in CI failed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    program = program or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(WITHOUT)
        pytest.skip(WITHOUT)
    # Playwright keeps an event loop in this thread, which Django would take for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


# There is no telephone here: what would be dialled is noted, and the page stays.
NO_TELEPHONE = """
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='tel:']");
  if (link) {
    event.preventDefault();
    document.body.dataset.dialled = link.getAttribute("href");
  }
});
"""


@pytest.fixture
def browser_page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """A page in a context of its own; relative addresses go to the live server.

    The test fails when the page reports an error or asks another host for anything.
    """
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(NO_TELEPHONE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            wrong.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, *WITHIN))
            else wrong.append(f"request to another host: {request.url}")
        ),
    )
    yield page
    context.close()
    assert wrong == []


def width(page: Page) -> int:
    """How wide the page is, once its styles are there: a click returns before they are."""
    page.wait_for_load_state()
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide


_COVERED = """() => [...document.querySelectorAll("main .crm-pill, main .btn")].filter((mark) => {
  if (!mark.checkVisibility({ checkOpacity: true })) return false;
  mark.scrollIntoView({ block: "center", behavior: "instant" });
  const box = mark.getBoundingClientRect();
  const top = document.elementFromPoint(box.right - 4, box.top + box.height / 2);
  return top && !mark.contains(top) && !top.contains(mark) && !top.closest(".crm-tabs, #toasts");
}).map((mark) => mark.textContent.trim())"""


def covered(page: Page) -> list[str]:
    """Pills and buttons whose end lies beneath something else, which axe does not see."""
    found: list[str] = page.evaluate(_COVERED)
    page.evaluate("window.scrollTo(0, 0)")
    return found


def axe(page: Page) -> None:
    """Fail when axe-core finds anything wrong with the page as it stands, loaded as a whole."""
    page.wait_for_load_state()
    source = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
    # Through the debugger, so the page's own policy against foreign scripts stays in force.
    page.evaluate(source.read_text(encoding="utf-8") + "\n;undefined")
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    found = [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']]}"
        for v in result["violations"]
    ]
    assert found == [], "\n".join(found)
