"""What the bell shows: one question to the index over unread lines, and nothing where it is known.

Asked by each open page every 20 seconds. Waiting answers (long poll, server-sent events) would
hold one of the few synchronous web processes per open page.
"""

from __future__ import annotations

from dataclasses import dataclass

from staff.context_processors import MOST_UNREAD, count_text
from staff.models import Employee


@dataclass(frozen=True)
class Bell:
    """How many lines are unread, and the key of the newest."""

    count: int
    newest: int

    @property
    def etag(self) -> str:
        """Changes with what the bell would show."""
        return f'"{self.count}-{self.newest}"'

    def answer(self, employee: Employee) -> dict[str, object]:
        """The number, and the newest line for whoever has not seen it."""
        line = employee.notifications.filter(pk=self.newest).first() if self.newest else None
        newest = {"id": line.pk, "title": line.title} if line else None
        return {"text": count_text(self.count), "newest": newest}


def bell(employee: Employee) -> Bell:
    """The bell of ``employee``, counted up to one more than is shown."""
    unread = employee.notifications.filter(read_at=None).order_by("-pk")
    keys = list(unread.values_list("pk", flat=True)[: MOST_UNREAD + 1])
    return Bell(len(keys), keys[0] if keys else 0)
