"""The start page of the administration by task: what one comes for, instead of in which app it lies.

Each page of a table says its ``task`` (a key of ``TASKS``), its ``place`` among the others there and,
in one sentence, what it is for (``about``). A table of old rows stands behind its object (``BEHIND``):
the History button of the object shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BEHIND = "behind"
# As they stand on the page; the ones that are read rather than worked with come last.
TASKS: dict[str, tuple[str | Promise, str | Promise]] = {
    "people": (_("People"), _("Who works here, where, and who stands in.")),
    "rules": (_("Rules"), _("What is planned, said and forbidden, and by which numbers.")),
    "reference": (_("Reference data"), _("The words and steps that people choose from.")),
    "runs": (_("Runs and failures"), _("What the machinery did, and what went wrong.")),
    "audit": (_("Audit"), _("Who saw, exported and changed what.")),
    "records": (_("Records"), _("What people record every day, to look up; masked, read only.")),
}


@dataclass(frozen=True)
class Line:
    """A table on the start page; ``add_url`` is '' for whoever may not add rows."""

    name: str
    about: str
    url: str
    add_url: str = ""


@dataclass(frozen=True)
class Group:
    """A task with its tables, as one person sees them."""

    key: str
    title: str
    about: str
    lines: list[Line] = field(default_factory=list)


def grouped(site: Any, shown: Iterable[dict[str, Any]]) -> list[Group]:
    """The groups of the tables that ``shown`` (Django's list of apps) has, empty ones left out."""
    found: dict[str, list[tuple[int, Line]]] = {key: [] for key in TASKS}
    for row in (model for app in shown for model in app["models"]):
        page = site.get_model_admin(row["model"])
        if page.task == BEHIND or not row["admin_url"]:
            continue
        line = Line(
            name=str(row["name"]),
            about=str(page.about),
            url=row["admin_url"],
            add_url=row["add_url"] or "",
        )
        found[page.task].append((page.place, line))
    return [
        Group(key, str(TASKS[key][0]), str(TASKS[key][1]), _ordered(lines))
        for key, lines in found.items()
        if lines
    ]


def _ordered(lines: list[tuple[int, Line]]) -> list[Line]:
    return [line for _place, line in sorted(lines, key=lambda pair: (pair[0], pair[1].name))]
