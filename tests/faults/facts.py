"""``python -m tests.faults.facts``: what a firm of its own home has planned and sent, as JSON.

With ``expire``, the minutes are over after which work that died is handed out again; with
``forget``, the inboxes of the demo are empty.
"""

import json
import os
import sys
from collections import Counter

os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"

import django

django.setup()

from django.db.models import Exists, OuterRef

from staff.models import Notification
from visits.models import Callback, Digest, Reminder, ReminderRun


def facts() -> dict[str, object]:
    """Callbacks, digests by state, and what was reminded of and told."""
    run = ReminderRun.objects.filter(finished_at__isnull=False).order_by("-day").first()
    told = Reminder.objects.filter(callback=OuterRef("pk"), channel="in_app")
    due = Callback.objects.filter(status="open", employee__isnull=False, plan__isnull=False)
    if run is not None:  # each segment has its own time of reminding
        over = ReminderRun.objects.filter(day=run.day, finished_at__isnull=False)
        due = due.filter(due_on__lte=run.day, client__segment__in=over.values("segment"))
    # A line for one's own work, and one for what is long overdue in one's branch.
    lines = Notification.objects.filter(kind__in=["digest", "escalation"])
    inboxes = {key.partition(":")[2] for key in lines.values_list("key", flat=True)}
    return {
        "callbacks": Callback.objects.count(),
        "open": Callback.objects.open().count(),
        "digests": Counter(Digest.objects.values_list("status", flat=True)),
        "reminders": Counter(Reminder.objects.values_list("status", flat=True)),
        "due": due.count(),
        "untold": due.filter(~Exists(told)).count(),
        "digests_in_app": Digest.objects.filter(channel="in_app").count(),
        "told": len(inboxes),
    }


def expire() -> None:
    """End the leases of those who died."""
    long_ago = "2000-01-01T00:00Z"
    ReminderRun.objects.filter(finished_at=None).update(sent_at=long_ago)
    # Also of those who live and are slow: none is given up for it.
    leased = Digest.objects.filter(status="leased")
    leased.update(leased_until=long_ago, attempts_allowed=10_000)


if __name__ == "__main__":
    if "expire" in sys.argv:
        expire()
    if "forget" in sys.argv:
        Notification.objects.all().delete()
    print(json.dumps(facts()))
