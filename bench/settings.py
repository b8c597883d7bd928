"""The product's settings, with the yardstick's address beside its own, on the day of the firm."""

import os
from datetime import UTC, date, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
_place = MIDDLEWARE.index("staff.middleware.UnitOfWorkMiddleware") + 1  # noqa: F405
MIDDLEWARE[_place:_place] = ["bench.undo.UndoMiddleware"]  # noqa: F405

if _day := os.environ.get("BENCH_DAY"):
    _behind = datetime.now(ZoneInfo("Asia/Shanghai")).date() - date.fromisoformat(_day)
    # Before anything keeps a reference to it: business dates and times go by this function.
    patch.object(timezone, "now", lambda: datetime.now(UTC) - _behind).start()
