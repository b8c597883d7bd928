"""Kinds of notifications, declared by the rooms that send them.

A line in an inbox keeps its kind and its figures; the sentence is made when it is shown, in the
reader's language. ``staff.notifications.services.notify`` writes lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from crm.registry import Registry

Text = str | Promise
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of line.

    ``label``: its name for the administration.
    ``wording``: the sentence, with figures in ``%(name)s``, or what chooses it by the figures. It
    names no client.
    ``figures``: what stands in for figures that a line does not carry.
    ``link``: the address of lines that say none.
    ``private``: for whom it is alone; the administration shows it to nobody else of the branch.
    """

    key: str
    label: Text
    wording: Text | Callable[[Figures], Text]
    figures: Figures = field(default_factory=dict)
    link: Callable[[], str] | None = None
    private: bool = False

    def title(self, params: Figures) -> str:
        """The sentence for the figures of a line."""
        figures = {**self.figures, **params}
        wording = self.wording
        if not isinstance(wording, str | Promise):
            wording = wording(figures)
        return str(wording) % figures

    def url(self) -> str:
        """Where a line leads that says nothing else; '' for the inbox."""
        return self.link() if self.link else ""


kinds: Registry[Kind] = Registry("notification kinds")
register = kinds.register


def choices() -> list[tuple[str, Text]]:
    """Keys and labels, for the column that keeps the kind."""
    return [(kind.key, kind.label) for kind in kinds]
