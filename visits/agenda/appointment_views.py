"""Appointments: book from the client file or the call screen, change, cancel."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clients.file.access import editable_client
from clients.models import Client
from crm import trading_days
from crm.addresses import address
from staff.http import StaffRequest
from staff.models import Employee
from visits.agenda import appointments, calendar
from visits.agenda.forms import AppointmentForm
from visits.contacts.callback_views import _data, _done, _own, _page, _tried
from visits.models import Callback

STARTS = time(10, 0)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Book an appointment with a client; it may take the place of a promise to meet."""
    client = editable_client(request, public_id, "manager")
    promise = _promise(request, client)
    form = AppointmentForm(_data(request), initial=_initial(request))
    form.cancel_url = client.get_absolute_url()
    form.helper_action = address("visits:book", client.public_id)
    if promise is not None:
        form.helper_action += f"?instead={promise.public_id}"
    who = client.manager or request.user
    if request.method == "POST" and form.is_valid() and _free(form, who):
        data = _content(form)
        made = _tried(
            form,
            lambda: appointments.book(
                client=client, employee=who, by=request.user, instead_of=promise, **data
            ),
        )
        if made is not None:
            return _done(request, _said(made), made)
    return _page(request, form, client=client, title=_("Book an appointment"))


def _promise(request: StaffRequest, client: Client) -> Callback | None:
    """The open promise that the appointment keeps, as the address names it."""
    try:
        key = UUID(request.GET.get("instead", ""))
    except ValueError:
        return None
    rows = Callback.objects.editable_by(request.user).open()
    return rows.filter(client=client, kind=Callback.Kind.PROMISE, public_id=key).first()


def _initial(request: StaffRequest) -> dict[str, Any]:
    soon = trading_days.add(trading_days.today(), 1)
    day = calendar.opened(request.GET.get("on", "-")) or soon
    starts_at = timezone.make_aware(datetime.combine(max(day, soon - timedelta(days=1)), STARTS))
    return {"token": uuid.uuid4(), "starts_at": starts_at, "minutes": 60}


def _free(form: AppointmentForm, who: Employee, but: Callback | None = None) -> bool:
    """Whether nothing else is at that time, or the person said that it does not matter."""
    data = form.cleaned_data
    if data["anyway"]:
        return True
    conflicts = appointments.conflicts(
        employee=who, starts_at=data["starts_at"], minutes=data["minutes"], but=but
    )
    for other in conflicts:
        time = f"{timezone.localtime(other.starts_at):%H:%M}"
        wording = _("It overlaps the appointment at %(time)s with %(client)s.")
        form.warn(wording % {"time": time, "client": other.client.salutation})
    return not conflicts


def _content(form: AppointmentForm) -> dict[str, Any]:
    data = {name: value for name, value in form.cleaned_data.items() if name != "anyway"}
    data["token"] = data["token"] or uuid.uuid4()
    return data


def _said(made: Callback) -> str:
    at = timezone.localtime(made.starts_at)
    when = f"{date_format(at, 'DATE_FORMAT')} {at:%H:%M}"
    return _("Appointment on %(when)s.") % {"when": when}


@require_http_methods(["GET", "HEAD", "POST"])
def appointment(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change the time or the place of an appointment."""
    callback = _own(request, public_id)
    if callback.starts_at is None:
        raise Http404(_("This callback has no time of day: it is no appointment."))
    fields = ("starts_at", "minutes", "place")
    form = AppointmentForm(
        _data(request), initial={name: getattr(callback, name) for name in fields}
    )
    form.fields["reason"].label = _("Reason")
    form.submit_label = gettext_lazy("Change the appointment")
    form.helper_action = address("visits:appointment", callback.public_id)
    form.cancel_url = callback.get_absolute_url()
    who = callback.employee or request.user
    if request.method == "POST" and form.is_valid() and _free(form, who, callback):
        data = _content(form)
        data.pop("token")
        made = _tried(form, lambda: appointments.change(callback=callback, by=request.user, **data))
        if made is not None:
            return _done(request, _said(made), made)
    title = _("Change the appointment")
    return _page(request, form, callback=callback, client=callback.client, title=title)
