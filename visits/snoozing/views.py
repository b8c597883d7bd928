"""Putting a callback off, and the decision of a head where it goes beyond the policy."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import trading_days
from crm.addresses import address
from staff.http import StaffRequest
from visits.contacts import callbacks, in_a_row, snooze_limits
from visits.contacts.callback_views import _data, _done, _own, _page
from visits.models import Callback, CallbackChange
from visits.snoozing import presets, services
from visits.snoozing.forms import DecisionForm, SnoozeForm


@require_http_methods(["GET", "HEAD", "POST"])
def snooze(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Put a callback off to another trading day, or to this afternoon."""
    callback = _own(request, public_id)
    soon = trading_days.add(trading_days.today(), 1)
    form = SnoozeForm(_data(request), by=request.user, initial={"until": soon})
    row = in_a_row.QUERY if in_a_row.asked(request) else ""
    form.helper_action = address("visits:snooze", callback.public_id) + row
    form.cancel_url = callback.get_absolute_url() + row
    place = in_a_row.place(callback)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.put_off(callback=callback, by=request.user, **data)
        except ValidationError as error:
            _refused(form, error)
        else:
            following = in_a_row.behind(request.user, place).next_url if row else "visits:today"
            return _done(request, _said(made), following)
    limits = snooze_limits.limits_of(callback)
    alone = snooze_limits.decides_alone(request.user, callback)
    form.tell(presets.offered(callback, limits), limits, alone=alone)
    return _page(request, form, callback=callback, client=callback.client, title=_("Snooze"))


def _refused(form: SnoozeForm | DecisionForm, error: ValidationError) -> None:
    for field, sentences in callbacks.errors_of(error).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


def _said(made: Callback | CallbackChange) -> str:
    if isinstance(made, CallbackChange):
        days = {"day": _day(made.new_due_on), "due": _day(made.old_due_on)}
        return (
            _("The branch head is asked to put it off until %(day)s. Until then: due %(due)s.")
            % days
        )
    if made.rests_until is not None:
        return _("Put off until this afternoon.")
    return _("Snoozed until %(day)s.") % {"day": _day(made.due_on)}


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Answer whoever asks to put a callback off beyond the policy."""
    callback = _own(request, public_id)
    asked = services.asked_of(callback)
    if asked is None:
        raise Http404
    if not services.may_decide(request.user, asked):
        raise PermissionDenied
    form = DecisionForm(_data(request))
    form.cancel_url = callback.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        granted = form.cleaned_data["decision"] == "grant"
        try:
            if granted:
                services.grant(asked=asked, by=request.user)
            else:
                reason = form.cleaned_data["reason"]
                services.refuse(asked=asked, reason=reason, by=request.user)
        except ValidationError as error:
            _refused(form, error)
        else:
            text = _("It is put off as asked.") if granted else _("It stays on its day.")
            return _done(request, text, "visits:today")
    context = {"callback": callback, "client": callback.client, "asked": asked}
    return _page(request, form, title=_("Put it off?"), **context)
