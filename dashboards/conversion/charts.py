"""The conversion page's figures as static/js/charts.js draws them."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboards.conversion.selectors import Conversion

# Stages that can be told apart in one picture; the last ones count most.
LINES = 4


def charts(page: Conversion) -> dict[str, dict[str, Any]]:
    """Data of each chart by the name of its box; a chart without data is absent."""
    series = {
        "funnel": _funnel(page),
        "time": _time(page),
        "lost": _lost(page),
        "cohorts": _cohorts(page),
    }
    return {name: data for name, data in series.items() if data["labels"]}


def _funnel(page: Conversion) -> dict[str, Any]:
    return {
        "kind": "funnel",
        "labels": [str(step.stage) for step in page.steps] if page.created.value else [],
        "urls": [step.reached.url for step in page.steps],
        "series": [
            {
                "name": pgettext("funnel", "Reached"),
                "values": [step.reached.value for step in page.steps],
            }
        ],
    }


def _time(page: Conversion) -> dict[str, Any]:
    stays = [stay for stay in page.stays if stay.days.is_enough]
    urls = [stay.entered.url for stay in stays]
    series = [
        (_("Half left after"), [stay.days.median for stay in stays]),
        (_("Four in five left after"), [stay.days.most for stay in stays]),
    ]
    return {
        "kind": "hbar",
        "labels": [str(stay.stage) for stay in stays],
        "series": [{"name": name, "values": values, "urls": urls} for name, values in series],
    }


def _lost(page: Conversion) -> dict[str, Any]:
    return {
        "kind": "hbar",
        "labels": [loss.name for loss in page.losses],
        "urls": [loss.total.url for loss in page.losses],
        "series": [{"name": _("Lost"), "values": [loss.total.value for loss in page.losses]}],
    }


def _cohorts(page: Conversion) -> dict[str, Any]:
    """Shares of the finished months that are large enough for one."""
    rows = [
        row for row in page.cohorts if row.finished and any(c.share.is_enough for c in row.cells)
    ]
    first = max(0, len(page.later) - LINES)
    return {
        "kind": "line",
        "labels": [date_format(row.month, "Y-m") for row in rows],
        "series": [
            {
                "name": f"{stage} (%)",
                "values": [row.cells[place].share.percent for row in rows],
                "urls": [row.cells[place].figure.url for row in rows],
            }
            for place, stage in list(enumerate(page.later))[first:]
        ],
    }
