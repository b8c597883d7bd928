"""When the next contact is due: pure date arithmetic (docs/callbacks.md#when-a-callback-is-due)."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal


def due_date(anchor: date, every: int, unit: Literal["day", "month"], nth: int = 1) -> date:
    """Calendar date of the ``nth`` contact after ``anchor``, before any shift to a trading day.

    Counted from the anchor, not from the contact before: month ends clamp and come back (31 January
    + 1 month = 28 or 29 February, + 2 months = 31 March). Raises ValueError for ``every`` or
    ``nth`` below 1 and for another unit.
    """
    if every < 1 or nth < 1:
        raise ValueError("every and nth count from 1")
    if unit == "day":
        return anchor + timedelta(days=every * nth)
    if unit == "month":
        months = anchor.month - 1 + every * nth
        year, month = anchor.year + months // 12, months % 12 + 1
        return date(year, month, min(anchor.day, monthrange(year, month)[1]))
    raise ValueError(f"unknown unit {unit!r}")
