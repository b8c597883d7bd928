"""Work that is done once a night, by whichever worker comes first."""

from __future__ import annotations

from datetime import datetime, time

from django.db import connection
from django.utils import timezone

from crm.trading_days import today

# One row says when the last nightly run was; who changes it runs. Another worker waits for the row
# and finds it changed; a run that fails takes its change back, so the next tick repeats it.
_CLAIM = """
INSERT INTO crm_heartbeat (name, beat_at) VALUES (%(name)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET beat_at = %(now)s WHERE crm_heartbeat.beat_at < %(begins)s
"""


def claim(name: str, at: time) -> bool:
    """Whether it is past ``at`` and this night's run of ``name`` is the caller's to do.

    Inside the transaction of that work: the claim ends with it.
    """
    begins = timezone.make_aware(datetime.combine(today(), at))
    now = timezone.now()
    if now < begins:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"name": name, "now": now, "begins": begins})
        return bool(cursor.rowcount)
