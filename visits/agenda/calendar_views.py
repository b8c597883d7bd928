"""The calendar of callbacks and appointments; moving and reassigning them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from clients.querysets import may_record
from crm import trading_days
from crm.addresses import address
from staff.http import StaffRequest
from visits.agenda import calendar as agenda_calendar
from visits.agenda import reschedule
from visits.agenda.forms import REASONS, MoveForm, ReassignForm
from visits.contacts.callback_views import _data, _done, _own, _page, _tried
from visits.lists.filters import CalendarFilter
from visits.models import Callback


@require_safe
def calendar(request: StaffRequest) -> HttpResponse:
    """The user's own month or week; for heads that of a chosen manager, else counts per day."""
    return _calendar(request, request.GET)


def _calendar(
    request: StaffRequest, query: QueryDict, status: int = 200, **extra: Any
) -> HttpResponse:
    """Draw the calendar of ``query``; 400 with a sentence where it makes no sense."""
    rows = Callback.objects.visible_to(request.user)
    filters = CalendarFilter(query, request.user)
    wrong = []
    on = agenda_calendar.opened(str(query["on"])) if query.get("on") else trading_days.today()
    if on is None:
        wrong.append(_("There is no such day or month. This is today's."))
    view = query.get("view") or "month"
    if view not in agenda_calendar.DRAWN:
        wrong.append(_("Choose a month or a week."))
    page = agenda_calendar.page(
        filters.scoped(rows),
        view="week" if view == "week" else "month",
        on=on or trading_days.today(),
        whose=filters.cards_of(),
    )
    keep = "".join(f"&{name}={value.pk}" for name, value in filters.chosen().items())
    context = {
        "page": page,
        "filters": filters,
        "keep": keep,
        "here": f"view={page.view}&on={page.on}{keep}",
        "wrong": wrong,
        "may_edit": page.whose is not None and may_record(request.user),
        "mine": page.whose == request.user,
        "reasons": REASONS,
        "weekdays": [day.grid.day for day in page.days[:7]],
        **extra,
    }
    template = (
        "visits/agenda/calendar.html#month" if request.htmx else "visits/agenda/calendar.html"
    )
    return render(request, template, context, status=400 if wrong or filters.errors else status)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Move a callback to another day; htmx requests get the calendar again."""
    callback = _own(request, public_id)
    initial = {"day": _proposed(request, callback), "back": request.GET.get("back", "")}
    form = MoveForm(_data(request), initial=initial)
    form.helper_action = address("visits:move", callback.public_id)
    back = (request.POST if request.method == "POST" else request.GET).get("back", "")[:200]
    form.cancel_url = f"{address('visits:calendar')}?{QueryDict(back).urlencode()}"
    moved: reschedule.Moved | None = None

    def act() -> Callback:
        nonlocal moved
        data = form.cleaned_data
        moved = reschedule.move(
            callback=callback, day=data["day"], reason=data["reason"], by=request.user
        )
        return moved.callback

    if request.method == "POST" and form.is_valid():
        _tried(form, act)
    if request.method == "POST" and request.htmx:
        return _redrawn(request, form, callback, QueryDict(back), moved)
    if moved is not None:
        return _done(request, _said(moved), form.cancel_url)
    return _page(request, form, callback=callback, client=callback.client, title=_("Move"))


def _proposed(request: StaffRequest, callback: Callback) -> date:
    return agenda_calendar.opened(request.GET.get("day", "-")) or trading_days.add(
        max(callback.due_on, trading_days.today()), 1
    )


def _redrawn(
    request: StaffRequest,
    form: MoveForm,
    callback: Callback,
    query: QueryDict,
    moved: reschedule.Moved | None,
) -> HttpResponse:
    """The calendar after a move, with the card in focus; or why it stays where it was."""
    if moved is None:
        refused = [str(error) for errors in form.errors.values() for error in errors]
        return _calendar(request, query, 422, refused=refused)
    answer = _calendar(request, query, focus=callback.public_id)
    level = "warning" if moved.shifted else "success"
    where = {"name": callback.client.salutation, "what": _said(moved)}
    said = _("%(name)s: %(what)s") % where
    answer = trigger_client_event(answer, "calendar-said", {"text": said})
    return trigger_client_event(answer, "toast", {"text": _said(moved), "level": level})


def _said(moved: reschedule.Moved) -> str:
    day = {"day": date_format(moved.callback.due_on, "DATE_FORMAT")}
    if moved.shifted:
        return _("No trading on that day: moved to %(day)s, the next trading day.") % day
    return _("Moved to %(day)s.") % day


@require_http_methods(["GET", "HEAD", "POST"])
def reassign(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Reassign a callback to an employee who may see the client."""
    callback = _own(request, public_id)
    form = ReassignForm(_data(request), receivers=reschedule.receivers(callback))
    form.helper_action = address("visits:reassign", callback.public_id)
    form.cancel_url = callback.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = _tried(
            form,
            lambda: reschedule.reassign(
                callback=callback, to=data["to"], reason=data["reason"], by=request.user
            ),
        )
        if made is not None:
            text = _("Given to %(name)s.") % {"name": made.employee}
            return _done(request, text, callback)
    title = _("Give to somebody")
    return _page(request, form, callback=callback, client=callback.client, title=title)
