"""Why a callback is due on its day, step by step, in the reader's words (docs/callbacks.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client
from crm import trading_days
from crm.models import Holiday
from staff import policies
from staff.models import Absence, Employee
from visits import wording
from visits.models import BY_HAND, Callback, CallbackChange
from visits.planning import planner
from visits.planning.policies import GAP_DAYS


@dataclass(frozen=True)
class Step:
    """One step of the calculation: its basis and the resulting day."""

    title: str
    text: str
    day: date | None = None


def steps(callback: Callback, viewer: Employee) -> list[Step]:
    """The steps from the cause to the due date of the callback; eight queries at most."""
    client, explanation = callback.client, [_anchor(callback)]
    if callback.kind in BY_HAND or callback.kind == Callback.Kind.COMPLIANCE:
        return explanation + _decisions(callback) + _work(callback)
    if callback.kind == Callback.Kind.CADENCE:
        explanation.append(_cadence(callback))
    explanation += _shift(callback)
    explanation += _start(callback, client)
    explanation.append(_window(callback))
    explanation += _joined(callback, viewer)
    if callback.status == Callback.Status.MERGED:
        return explanation
    explanation += _away(callback)
    if not callback.is_placed:
        explanation += _load(callback)
    return explanation + _decisions(callback) + _work(callback)


def _say(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _anchor(callback: Callback) -> Step:
    client, day = callback.client, callback.anchor_on
    if callback.kind != Callback.Kind.CADENCE:
        return Step(_("Reason"), wording.why(callback, client), day)
    if client.last_contact_on == day:
        text = _("Counted from the last contact that reached the client.")
    elif client.opened_on == day:
        text = _("Never reached: counted from the opening of the account.")
    else:
        text = _("Counted from the day the client was recorded, or from an earlier contact.")
    return Step(_("Counted from"), text, day)


def _cadence(callback: Callback) -> Step:
    plan = callback.plan
    cadence = wording.cadence_text(plan.every, plan.unit) if plan else ""
    text = _("The plan of the segment says: %(cadence)s.") % {"cadence": cadence}
    nth = callback.occurrence.rpartition(":")[2]
    if nth.isdecimal() and int(nth) > 1:
        text += " " + _("%(n)s calls before it were cancelled.") % {"n": int(nth) - 1}
    return Step(_("Calendar date"), text, callback.ideal_on)


def _shift(callback: Callback) -> list[Step]:
    """Where the calendar date is no trading day."""
    day = callback.ideal_on
    if trading_days.is_trading_day(day):
        return []
    why = _closed_because(day)
    text = _("%(day)s is no trading day (%(why)s).") % {"day": _say(day), "why": why}
    return [Step(_("Trading day"), text, None if callback.is_backlog else callback.earliest_on)]


def _closed_because(day: date) -> str:
    """Why there is no trading on ``day``."""
    holiday = Holiday.objects.filter(day=day).first()
    if holiday:
        return str(holiday)
    if day.weekday() < 5:
        text = _("a holiday by the provisional calendar, until the list of %(year)s is published")
        return text % {"year": day.year}
    return _("a weekend")


def _start(callback: Callback, client: Client) -> list[Step]:
    """Where it may begin later than its own date."""
    if callback.is_backlog:
        text = _("The date lay before we knew of it: such calls are spread from that day on.")
        return [Step(_("Backlog"), text, callback.earliest_on)]
    gap = int(policies.number(GAP_DAYS, on=trading_days.today(), branch=client.branch))
    last = client.last_contact_on
    natural = trading_days.on_or_after(callback.ideal_on)
    if last is None or callback.earliest_on <= natural:
        return []
    if trading_days.on_or_after(last + timedelta(days=gap)) != callback.earliest_on:
        return []
    text = _("At least %(n)s days lie between two contacts; the last was on %(day)s.")
    figures = {"n": gap, "day": _say(last)}
    return [Step(_("Distance"), text % figures, callback.earliest_on)]


def _window(callback: Callback) -> Step:
    text = _("It may be placed from %(first)s to %(last)s.") % {
        "first": _say(callback.earliest_on),
        "last": _say(callback.window_end),
    }
    if callback.hard_limit_on:
        text += " " + _("It must be done by %(day)s.") % {"day": _say(callback.hard_limit_on)}
    return Step(_("Window"), text)


def _joined(callback: Callback, viewer: Employee) -> list[Step]:
    rows = Callback.objects.visible_to(viewer)
    if callback.status == Callback.Status.MERGED:
        lead = rows.filter(joined=callback).first()
        text = _("Said in the same contact as another reason, so the client is called once.")
        return [Step(_("Joined"), text, lead.due_on if lead else None)]
    kinds = rows.filter(merged_into=callback, status=Callback.Status.MERGED)
    labels = [wording.label(kind) for kind in kinds.values_list("kind", flat=True)]
    if not labels:
        return []
    text = _("The same contact serves: %(reasons)s. It stays within the windows of all.")
    return [Step(_("Joined"), text % {"reasons": "、".join(labels)})]


def _away(callback: Callback) -> list[Step]:
    manager = callback.client.manager_id
    rows = Absence.objects.filter(
        employee=manager,
        cancelled_at=None,
        starts_on__lte=callback.window_end,
        ends_on__gte=callback.earliest_on,
    )
    absences = []
    for row in rows.select_related("employee", "substitute"):
        figures = {"name": row.employee, "first": _say(row.starts_on), "last": _say(row.ends_on)}
        text = _("%(name)s is away from %(first)s to %(last)s.") % figures
        if callback.employee_id != manager and row.substitute:
            text += " " + _("%(name)s makes the call.") % {"name": row.substitute}
        absences.append(Step(_("Absence"), text))
    return absences


def _load(callback: Callback) -> list[Step]:
    """The load of the days before the due date."""
    if callback.employee is None or callback.due_on <= callback.earliest_on:
        return []
    days = (callback.earliest_on, callback.due_on)
    rows = Callback.objects.filter(  # counts of one's own days; no client is named
        employee=callback.employee, status__in=["open", "done"], due_on__range=days
    )
    counts = dict(rows.values_list("due_on").annotate(Count("pk")))
    full = trading_days.between(callback.earliest_on, callback.due_on - timedelta(days=1))
    text = _("The days before are full: %(counts)s. One day holds %(n)s callbacks.") % {
        "counts": "、".join(f"{day:%m-%d} {counts.get(day, 0)}" for day in full[:6]),
        "n": planner.capacity_of(callback.employee),
    }
    if callback.over_capacity:
        text = _("No day of the window has room: it stays on the last one, over capacity.")
    return [Step(_("Room"), text, callback.due_on)]


def _decisions(callback: Callback) -> list[Step]:
    """Decisions of employees, oldest first."""
    changes = CallbackChange.objects.filter(callback=callback).select_related("employee")
    return [
        Step(f"{row.get_action_display()} · {row.employee}", row.reason, row.new_due_on)
        for row in changes.order_by("pk")
    ]


def _work(callback: Callback) -> list[Step]:
    if callback.status == Callback.Status.OPEN:
        return [Step(_("Due"), "", callback.due_on)]
    state = callback.get_status_display()
    because = callback.get_cancelled_because_display()
    return [Step(str(state), str(because), callback.done_on)]
