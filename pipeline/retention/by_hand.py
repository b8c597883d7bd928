"""The purge started by hand: tried out and taken back, then done."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.database_roles import may_purge
from crm.jobs import Running
from crm.models import Heartbeat
from crm.runs import Run
from pipeline.retention import services


def trial(_running: Running) -> dict[str, int]:
    """Who would be purged today, in counts."""
    return _counts(services.run(dry_run=True))


def work(_running: Running) -> dict[str, int]:
    """Purge prospects past their retention."""
    return _counts(services.run())


def _counts(done: services.Purged) -> dict[str, int]:
    return {"purged": done.purged, "kept": done.kept, "rows": done.rows.total()}


def last() -> datetime | None:
    """When the night last purged."""
    row = Heartbeat.objects.filter(name="purge").first()
    return row.beat_at if row else None


def refusal() -> str:
    """Why nobody can be purged; '' where they can."""
    if may_purge():
        return ""
    return _("Nobody can be purged: the database lacks the role for it. Tell your support.")


RUN = Run(
    key="purge",
    label=gettext_lazy("Purge prospects"),
    about=gettext_lazy(
        "Deletes prospects past their retention for good; counts alone stay. Those in doubt or on"
        " hold are kept."
    ),
    permission="pipeline.add_purgerun",
    counts={
        "purged": gettext_lazy("prospects deleted"),
        "kept": gettext_lazy("prospects kept in doubt"),
        "rows": gettext_lazy("rows deleted"),
    },
    trial=trial,
    work=work,
    last=last,
    refusal=refusal,
)
