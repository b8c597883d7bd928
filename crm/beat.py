"""Beat's scheduler: the one of Celery that keeps nothing on disk, and minds a clock that is set back."""

from __future__ import annotations

import time
from typing import Any

from celery import beat

# Seconds by which the clock may go back and be taken for a correction of every day.
DRIFT = 60


class Scheduler(beat.Scheduler):
    """Celery counts from the last run; a clock that ran ahead by days and was set right would leave
    beat without a tick for as long."""

    seen = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; seconds until the next look. Set back, it counts from now."""
        now = time.time()
        if now < self.seen - DRIFT:
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None
        self.seen = now
        return float(super().tick(*args, **kwargs))
