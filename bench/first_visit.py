"""Today in a Chromium as slow as an office laptop: bytes of the first and of later visits, paint, shifts.

The browser's processor is slowed four times, the line is 9 Mbit/s with 60 ms. Bytes are counted apart
from it, as a web server in front sends them: what is static as it lies there in brotli, other answers
in gzip at level 6, heads of answers included.
"""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from bench.browser import Browser
from bench.home import Home, Site
from bench.pages import Result

READER, PAGE = "manager1", "/today/"
FIRST_LIMIT, LATER_LIMIT = 130.0, 15.0  # KB
PAINT_LIMIT, SHIFT_LIMIT = 1.5, 0.05
SLOWER = 4
LINE = {
    "offline": False,
    "latency": 60,
    "downloadThroughput": 9_000_000 / 8,
    "uploadThroughput": 9_000_000 / 8,
}
# How long after the page has loaded something may still be painted or pushed about.
SETTLE = 2_000
# Kept by the browser before the page runs: the last largest paint, and shifts without a key or click.
WATCH = """
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  window.seen.paint = entry.startTime;
})).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  window.seen.shift += entry.hadRecentInput ? 0 : entry.value;
})).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Visit:
    """What one visit asked the server for, what it painted last (seconds) and how much it shifted."""

    asked: list[str]
    paint: float
    shift: float


def measure_first_visit(home: Home, rounds: int) -> list[Result]:
    """The four figures; the median of ``rounds`` for paint, the worst for shifts."""
    site = Site(home)
    try:
        site.wait()
        reader = Browser(site.port)
        reader.log_in(READER, home.ask("bench.password"))
        reader.get(PAGE)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            pairs = [_visits(chromium, site.port, reader.cookies) for _ in range(max(rounds, 3))]
            chromium.close()
        first, later = pairs[-1]
        sizes = {path: _size(site.port, path, reader.cookies) for path in first.asked}
        again = {path: _size(site.port, path, reader.cookies) for path in later.asked}
    finally:
        site.stop()
    paint = median(one.paint for one, _again in pairs)
    shift = max(visit.shift for pair in pairs for visit in pair)
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:4]
    names = ", ".join(f"{path.rpartition('/')[2] or path} {size:.0f}" for path, size in largest)
    slow = f"{SLOWER} × slower, 9 Mbit/s, 60 ms, load {os.getloadavg()[0]:.1f}"
    return [
        Result("Today, first visit", sum(sizes.values()), FIRST_LIMIT, "KB", names),
        Result("Today, later visit", sum(again.values()), LATER_LIMIT, "KB", ", ".join(again)),
        Result("Today, largest paint", paint, PAINT_LIMIT, "s", slow),
        Result("Today, layout shift", shift, SHIFT_LIMIT, "", f"the worst of {2 * len(pairs)}"),
    ]


def _visits(chromium: Chromium, port: int, cookies: dict[str, str]) -> tuple[Visit, Visit]:
    """A first visit with an empty cache, and one more in the same browser."""
    url = f"http://localhost:{port}"
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": k, "value": v, "url": url} for k, v in cookies.items()])
    context.add_init_script(WATCH)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    visits = _visit(page, line, url + PAGE), _visit(page, line, url + PAGE)
    context.close()
    return visits


def _visit(page: Page, line: Any, url: str) -> Visit:
    asked: dict[str, str] = {}

    def sent(event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith("http"):
            asked[event["requestId"]] = address

    def kept(event: dict[str, Any]) -> None:
        asked.pop(event["requestId"], None)

    def answered(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            asked.pop(event["requestId"], None)

    handlers = (
        ("Network.requestWillBeSent", sent),
        ("Network.requestServedFromCache", kept),
        ("Network.responseReceived", answered),
    )
    for name, handler in handlers:
        line.on(name, handler)
    page.goto("about:blank")
    page.goto(url, wait_until="load")
    page.wait_for_timeout(SETTLE)
    seen = page.evaluate("window.seen")
    for name, handler in handlers:
        line.remove_listener(name, handler)
    paths = [urlsplit(address) for address in asked.values()]
    named = [f"{path.path}{'?' + path.query if path.query else ''}" for path in paths]
    return Visit(list(dict.fromkeys(named)), seen["paint"] / 1000, seen["shift"])


def _size(port: int, path: str, cookies: dict[str, str]) -> float:
    """KB of one answer with its head."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    connection.request("GET", path, headers=sent | {"Accept-Encoding": "br"})
    answer = connection.getresponse()
    body = answer.read()
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 17
    connection.close()
    if answer.headers.get("Content-Encoding") != "br":
        body = min(body, gzip.compress(body, 6), key=len)
    return (head + len(body)) / 1000
