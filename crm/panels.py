"""Panels: how a page of a lower room shows what belongs to rooms above it (docs/architecture.md).

The room that owns a page draws the frame; rooms above register at start-up a panel for that
frame. So no import points up, and a new room appears without touching the old ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.http import HttpRequest

Frame = Literal[
    "client",
    "client_actions",
    "call",
    "today_side",
    "segment_preview",
    "me_actions",
    "inbox_actions",
]


@dataclass(frozen=True)
class Panel:
    """One piece of a frame: ``context`` reads through the viewer's scope, ``template`` draws it.

    In the client file, panels below order 50 stand in the middle and the others at the side;
    ``tab`` is the key of the tab that they belong to, "" for the first one.
    """

    frame: Frame
    key: str
    order: int
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]
    # Asked for after the page, which draws ``link`` until then: the place, below the address of its
    # subject, that leads to the same, or "" for who may not go there.
    late: bool = False
    link: Callable[[HttpRequest], str] = lambda _request: ""
    title: Any = ""
    tab: str = ""


class Action(NamedTuple):
    """What one may do on a page, among the others behind its ⋯."""

    url: str
    label: str
    icon: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab of the client file that a room above fills; ``count`` is said beside its label."""

    key: str
    order: int
    label: Any
    count: Callable[[HttpRequest, Any], int | None] = lambda _request, _client: None


_tabs: dict[str, Tab] = {}


def register_tab(tab: Tab) -> None:
    """Add a tab to the client file; called from ``AppConfig.ready``, so twice is once."""
    _tabs[tab.key] = tab


def tabs() -> list[Tab]:
    """Tabs of the rooms above, in order."""
    return sorted(_tabs.values(), key=lambda tab: tab.order)


_panels: dict[str, dict[str, Panel]] = {}


def register(panel: Panel) -> None:
    """Add a panel to its frame; called from ``AppConfig.ready``, so twice is once."""
    _panels.setdefault(panel.frame, {})[panel.key] = panel


def contexts(
    frame: Frame, request: HttpRequest, subject: Any, tab: str = ""
) -> list[dict[str, Any]]:
    """Template and context of each panel of the frame, in order, for ``{% include with %}``."""
    ordered = sorted(_panels.get(frame, {}).values(), key=lambda panel: panel.order)
    return [
        _shown(panel, request, subject, late=panel.late) for panel in ordered if panel.tab == tab
    ]


def late_one(frame: Frame, key: str, request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """A panel that the page asks for after itself; ``None`` where there is none of this key."""
    panel = _panels.get(frame, {}).get(key)
    if panel is None or not panel.late:
        return None
    return _shown(panel, request, subject, late=False)


def late(frame: Frame) -> list[str]:
    """Keys of the panels of ``frame`` that are asked for after the page, in order."""
    ordered = sorted(_panels.get(frame, {}).values(), key=lambda panel: panel.order)
    return [panel.key for panel in ordered if panel.late]


def _shown(panel: Panel, request: HttpRequest, subject: Any, *, late: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": panel.key, "order": panel.order, "template": panel.template}
    if late:
        return shown | {
            "template": "components/late_panel.html",
            "link": panel.link(request),
            "title": panel.title,
        }
    return shown | panel.context(request, subject)
