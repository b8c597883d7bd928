"""The table of a run, its JSON, and the dated copy in docs/benchmarks.md."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.pages import Result

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results.json"
DOCUMENT = PROJECT / "docs" / "benchmarks.md"
BAR = 20


def _bar(result: Result) -> str:
    """How much of the limit is used."""
    filled = round(BAR * min(result.value / result.limit, 1)) if result.limit else BAR
    return "█" * filled + "░" * (BAR - filled)


def table(results: Iterable[Result]) -> str:
    lines = []
    for r in results:
        mark = "ok  " if r.passed else "FAIL"
        figure = f"{r.value:6.2f} of {r.limit:4.1f} {r.unit}"
        lines.append(f"{mark} {r.title:<44} {_bar(r)} {figure:<28} {r.detail}")
    return "\n".join(lines)


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"
    )


def save(results: list[Result], size: dict[str, Any]) -> None:
    rows = [asdict(result) | {"passed": result.passed} for result in results]
    found = {"machine": machine(), "size": size, "results": rows}
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def record(results: list[Result], size: dict[str, Any]) -> None:
    """Add a dated section to the document."""
    lines = [
        f"\n## {datetime.now(UTC):%Y-%m-%d}",
        f"\n{size['clients']:,} clients, {size['visits']:,} visits. {machine()}.",
        "\n| | what | figure | limit | made of |\n|---|---|---|---|---|",
    ]
    for r in results:
        mark = "yes" if r.passed else "**no**"
        lines.append(f"| {mark} | {r.title} | {r.value:.2f} {r.unit} | {r.limit:g} | {r.detail} |")
    DOCUMENT.write_text(DOCUMENT.read_text().rstrip() + "\n" + "\n".join(lines) + "\n")
