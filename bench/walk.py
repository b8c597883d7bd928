"""Every address as every role at firm scale: how many yardsticks each answer takes.

An address that was never measured is slow: this walk opens them all, so that none is overlooked.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

from bench.browser import Answer
from bench.home import Home
from bench.pages import Measured, Result

LIMIT = 8.0
ROUNDS = int(os.environ.get("BENCH_WALK_ROUNDS", "5"))
# What seems to be above the limit is asked for again, so many times as often: chance has the last word
# neither way.
AGAIN = 3
# An answer that takes longer is asked for fewer times; after so long, each page is asked for once.
SLOW, FEWER = 1.0, 2
BUDGET = 60.0 * float(os.environ.get("BENCH_WALK_MINUTES", "15"))
FORMS_ONLY = 405
# What a page writes is undone, so that the firm stays as it was.
UNDO = {"X_Undo": "1"}


def measure_walk(home: Home) -> list[Result]:
    """One result for each address and role that answers, the slowest first.

    Raises RuntimeError for an address that the walk does not know, or that answers with an error.
    """
    site = Measured(home, "bench.addresses")
    try:
        unopened = _unopened(site)
        broken: list[str] = []
        seen: Counter[int] = Counter()
        results = list(_measured(site, seen, broken))
    finally:
        site.site.stop()
    print(f"Answers by status: {dict(sorted(seen.items()))}")
    tables = [name for name in unopened if name.startswith("admin:")]
    rows = ", ".join(sorted(set(unopened) - set(tables))) or "none"
    print(
        f"Without a row in this firm, so not opened: {rows}; {len(tables)} of the administration."
    )
    if broken:
        raise RuntimeError(f"These answer with an error: {', '.join(broken)}.")
    return sorted(results, key=lambda result: -result.value)


def _unopened(site: Measured) -> list[str]:
    """Addresses with a page of which nobody has a row; those that take forms alone are none."""
    browser = site.browsers["administrator"]
    found = [
        name
        for name, url in site.facts["unopened"].items()
        if browser.get(url, **UNDO).status != FORMS_ONLY
    ]
    unknown = sorted(set(found) & set(site.facts["unknown"]))
    if unknown:
        raise RuntimeError(f"Say in bench/rows.py which rows these show: {', '.join(unknown)}.")
    return found


def _measured(site: Measured, seen: Counter[int], broken: list[str]) -> Iterator[Result]:
    deadline = time.monotonic() + BUDGET
    for reader, known in site.facts["readers"].items():
        started = time.monotonic()
        for page, url in known["pages"].items():
            first = _open(site, reader, url)  # warms the page up, too
            seen[first.status] += 1
            if first.status >= 500:
                broken.append(f"{page} · {reader} ({first.status})")
            elif first.status < 400:
                rounds = FEWER if first.seconds > SLOW else ROUNDS
                rounds = rounds if time.monotonic() < deadline else 1
                found = _result(site, reader, page, url, rounds)
                if not found.passed and time.monotonic() < deadline:
                    found = _result(site, reader, page, url, rounds * AGAIN)
                yield found
        print(f"Walked as {reader} in {time.monotonic() - started:.0f} s.", flush=True)


def _result(site: Measured, reader: str, page: str, url: str, rounds: int) -> Result:
    base: list[float] = []
    own: list[float] = []
    for _ in range(rounds):
        base.append(site.yardstick() * 1000)
        own.append(_open(site, reader, url).seconds * 1000)
    queries = _open(site, reader, url, X_Count_Queries="1").queries
    shown = f"{median(own):.1f} ms; yardstick {median(base):.1f} ms; {queries} queries"
    return Result(f"{page} · {reader}", median(own) / median(base), LIMIT, "× yardstick", shown)


def _open(site: Measured, reader: str, url: str, **headers: str) -> Answer:
    return site.browsers[reader].get(url, **UNDO, **headers)
