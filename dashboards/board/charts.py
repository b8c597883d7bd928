"""The board's figures as static/js/charts.js draws them; the tables beside hold the same."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboards.board.selectors import Board, BoardRow

# Bars that can still be read in one picture.
BARS = 15


def charts(board: Board) -> dict[str, dict[str, Any]]:
    """Data of each chart by the name of its box."""
    return {
        "segments": {
            "kind": "hbar",
            "labels": [str(segment) for segment, _figure in board.segments],
            "urls": [figure.url for _segment, figure in board.segments],
            "series": [
                {"name": _("Clients"), "values": [f.value for _segment, f in board.segments]}
            ],
        },
        "work": _work(board.branches if len(board.branches) > 1 else board.managers),
        "weeks": {
            "kind": "bar",
            "labels": [date_format(week.start, "n-j") for week in board.weeks],
            "urls": [week.visits.url for week in board.weeks],
            "series": [{"name": _("Visits"), "values": [w.visits.value for w in board.weeks]}],
        },
        "funnel": {
            "kind": "funnel",
            "labels": [str(step.stage) for step in board.funnel],
            "urls": [step.reached.url for step in board.funnel],
            "series": [
                {"name": _("Opportunities"), "values": [s.reached.value for s in board.funnel]}
            ],
        },
    }


def _work(lines: list[BoardRow]) -> dict[str, Any]:
    lines = lines[:BARS]
    series = [
        (_("Overdue"), "late", [line.overdue for line in lines]),
        (_("Due today"), "warn", [line.due for line in lines]),
        (_("Done this week"), "ok", [line.done for line in lines]),
    ]
    return {
        "kind": "hbar",
        "stacked": True,
        "labels": [line.name for line in lines],
        "series": [
            {
                "name": name,
                "tone": tone,
                "values": [figure.value for figure in figures],
                "urls": [figure.url for figure in figures],
            }
            for name, tone, figures in series
        ],
    }
