"""Background work of visits: ticks, planning, reminding, delivery. The rows decide, not these."""

from datetime import date

from celery import shared_task

from crm import trading_days
from visits.contacts.invitations import send_invitation as send_invitation
from visits.integration.nightly import start_planning
from visits.notifications import digests, reminders
from visits.planning import nightly
from visits.scripts import talking_points


@shared_task
def tick_planning() -> None:
    """Every minute: start tonight's planning of segments; the day's first one counts talk, too."""
    for segment_id, day in start_planning():
        plan_segment.delay(segment_id, day.isoformat())
    talking_points.counts(trading_days.today())


@shared_task
def plan_segment(segment_id: int, day: str) -> None:
    """Plan one segment for a business date."""
    nightly.plan(segment_id=segment_id, day=date.fromisoformat(day))


@shared_task
def tick_reminders() -> None:
    """Every minute: start the reminding of the segments whose time has come."""
    day = trading_days.today()
    for segment_id in reminders.start_due_runs():
        remind_segment.delay(segment_id, day.isoformat())


@shared_task
def remind_segment(segment_id: int, day: str) -> None:
    """Write a segment's reminders, and have what is complete delivered."""
    reminders.remind(segment_id=segment_id, day=date.fromisoformat(day))
    deliver_digests.delay()


@shared_task
def deliver_digests() -> None:
    """Seal what is complete and send it; what leaves for own addresses goes to its own queue."""
    reminders.seal()
    if digests.has_outside():
        deliver_outside.delay()
    digests.deliver()


@shared_task
def deliver_outside() -> None:
    """Send what is sealed to addresses of one's own; they may hang, so nothing else waits here."""
    digests.deliver_outside()


@shared_task
def sweep() -> None:
    """Every minute: take up what was missed or what a dead worker left."""
    _hand_out_again()
    deliver_digests()
    nightly.note_dispatch()


def _hand_out_again() -> None:
    for segment_id, day in reminders.stale_runs():
        remind_segment.delay(segment_id, day.isoformat())
    for segment_id, day in nightly.stale_runs():
        plan_segment.delay(segment_id, day.isoformat())
