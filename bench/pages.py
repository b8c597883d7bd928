"""Warm median times of the pages, in one run with the yardstick and with a tenth of the data."""

import uuid
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.browser import Answer, Browser
from bench.home import Home, Site

WARM_UP = 8
# Times the yardstick at the most; queries at the most, transaction statements apart.
PAGE_LIMIT, SEARCH_LIMIT, TENTH_LIMIT = 5.0, 3.0, 1.2
# A form that is sent, with all that follows before it is answered.
FORM_LIMIT, FORM_QUERIES = 7.0, 35
QUERY_LIMITS = {"Today": 16, "Client file": 16, "Call screen": 16}
LIST_QUERIES = 12
# Connections of a site, each of which prepares its statements once: processes by threads.
CONNECTIONS = 8


@dataclass
class Result:
    """One figure beside its limit; ``detail`` says what it was made of."""

    title: str
    value: float
    limit: float
    unit: str
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.value <= self.limit


class Measured:
    """A site with its readers logged in; ``module`` of bench/ says who reads what."""

    def __init__(self, home: Home, module: str = "bench.facts") -> None:
        self.facts: dict[str, Any] = home.ask(module)
        self.site = Site(home)
        self.site.wait()
        self.browsers = {}
        for title, reader in self.facts["readers"].items():
            self.browsers[title] = Browser(self.site.port)
            self.browsers[title].log_in(reader["name"], self.facts["password"])

    def seconds(self, reader: str, page: str) -> float:
        answer = self.browsers[reader].get(self.address(reader, page), **_as_typed(page))
        if answer.status != 200:
            raise RuntimeError(f"{page} answered {answer.status} to the {reader}.")
        return answer.seconds

    def queries(self, reader: str, page: str) -> int:
        headers = _as_typed(page) | {"X_Count_Queries": "1"}
        return self.browsers[reader].get(self.address(reader, page), **headers).queries or 0

    def send(self, form: str, turn: int, **headers: str) -> Answer:
        """Send a form for the ``turn``th callback."""
        known = self.facts["forms"][form]
        data = known["data"] | {"token": str(uuid.uuid4())}
        browser = self.browsers["manager"]
        answer = browser.post(known["urls"][turn], data, **headers)
        if answer.status != 302:
            raise RuntimeError(f"{form} answered {answer.status}.")
        return answer

    def yardstick(self) -> float:
        path = f"/yardstick/?manager={self.facts['manager']}"
        return Browser(self.site.port).get(path).seconds

    def address(self, reader: str, page: str) -> str:
        return str(self.facts["readers"][reader]["pages"][page])


def _as_typed(page: str) -> dict[str, str]:
    """Search hits come while typing, by htmx; all else is the whole page."""
    return {"HX_Request": "true"} if page.startswith("Search") else {}


def measure(large: Home, small: Home, rounds: int) -> list[Result]:
    """Every page of every reader, taking turns with the yardstick and the smaller firm."""
    full = Measured(large)
    try:
        tenth = Measured(small)
        try:
            return _measure(full, tenth, rounds)
        finally:
            tenth.site.stop()
    finally:
        full.site.stop()


def measure_board(home: Home, rounds: int) -> list[Result]:
    """The pages of a pipeline with 5,000 open cards in one branch, beside the yardstick."""
    site = Measured(home, "bench.board")
    results = []
    try:
        for reader, known in site.facts["readers"].items():
            for page in known["pages"]:
                base: list[float] = []
                own: list[float] = []
                for turn in range(rounds + WARM_UP):
                    times = site.yardstick() * 1000, site.seconds(reader, page) * 1000
                    if turn >= WARM_UP:
                        base.append(times[0])
                        own.append(times[1])
                name, ratio = f"{page} · {reader}", median(own) / median(base)
                shown = f"{median(own):.1f} ms; yardstick {median(base):.1f} ms"
                counted = site.queries(reader, page)
                results += [
                    Result(name, ratio, PAGE_LIMIT, "× yardstick", shown),
                    Result(name, counted, LIST_QUERIES, "queries", f"{site.facts['cards']} cards"),
                ]
                print(results[-2], flush=True)
    finally:
        site.site.stop()
    return results


def measure_forms(large: Home, small: Home, rounds: int) -> list[Result]:
    """Logging a call and putting one off, each time another client's, whole answers."""
    full = Measured(large, "bench.contacts")
    try:
        tenth = Measured(small, "bench.contacts")
        try:
            return [r for form in full.facts["forms"] for r in _sent(full, tenth, form, rounds)]
        finally:
            tenth.site.stop()
    finally:
        full.site.stop()


def _sent(full: Measured, tenth: Measured, form: str, rounds: int) -> list[Result]:
    base: list[float] = []
    own: list[float] = []
    less: list[float] = []
    for turn in range(rounds + WARM_UP):
        times = full.yardstick(), full.send(form, turn).seconds, tenth.send(form, turn).seconds
        if turn >= WARM_UP:
            for series, seconds in zip((base, own, less), times, strict=True):
                series.append(seconds * 1000)
    counts = [_counted(site, form, rounds + WARM_UP) for site in (full, tenth)]
    times = median(base), median(own), median(less)
    results = _compared(
        f"{form} · manager", times, (counts[0], counts[1]), FORM_LIMIT, FORM_QUERIES
    )
    print(results[0], flush=True)
    return results


def _counted(site: Measured, form: str, turn: int) -> int:
    """Queries of a form once the process that answers has prepared its statements."""
    found = [
        site.send(form, turn + n, X_Count_Queries="1").queries or 0 for n in range(2 * CONNECTIONS)
    ]
    return int(median(found))


def _measure(full: Measured, tenth: Measured, rounds: int) -> list[Result]:
    results = []
    for reader, known in full.facts["readers"].items():
        for page in known["pages"]:
            base: list[float] = []
            own: list[float] = []
            less: list[float] = []
            for turn in range(rounds + WARM_UP):
                times = full.yardstick(), full.seconds(reader, page), tenth.seconds(reader, page)
                if turn >= WARM_UP:
                    for series, seconds in zip((base, own, less), times, strict=True):
                        series.append(seconds * 1000)
            results += _results(
                full, tenth, reader, page, (median(base), median(own), median(less))
            )
            print(results[-4], flush=True)
    return results


def _results(
    full: Measured, tenth: Measured, reader: str, page: str, times: tuple[float, float, float]
) -> list[Result]:
    limit = SEARCH_LIMIT if page.startswith("Search") else PAGE_LIMIT
    counts = full.queries(reader, page), tenth.queries(reader, page)
    most = QUERY_LIMITS.get(page, LIST_QUERIES)
    return _compared(f"{page} · {reader}", times, counts, limit, most)


def _compared(
    name: str, times: tuple[float, float, float], counts: tuple[int, int], limit: float, most: int
) -> list[Result]:
    base, own, less = times
    shown = f"{own:.1f} ms; yardstick {base:.1f} ms"
    return [
        Result(name, own / base, limit, "× yardstick", shown),
        Result(name, own / less, TENTH_LIMIT, "× at a tenth", f"{own:.1f} ms; {less:.1f} ms"),
        Result(name, counts[0], most, "queries", f"{counts[1]} at a tenth"),
        # Neither more nor fewer: a page that asks by what it found is not understood yet.
        Result(name, abs(counts[0] - counts[1]), 0, "queries apart", "full size and a tenth"),
    ]
