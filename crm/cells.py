"""Cells of files that people open in a spreadsheet."""

from __future__ import annotations

# What a spreadsheet may take for a formula, in Latin and in full width, and what hides one.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A workbook cannot hold them, and a terminal must not.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def guarded(text: str) -> str:
    """The text as a cell that stays text: a formula gets an apostrophe before it."""
    text = text.translate(_CONTROLS)
    return f"'{text}" if text.lstrip(" ").startswith(_SIGNS) else text
