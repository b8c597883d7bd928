"""Decisions of employees on callbacks: cancel, plan manually. Each requires a reason."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.file.access import editable_client
from crm import trading_days
from crm.addresses import address
from staff.http import StaffRequest
from visits.contacts import callbacks, services
from visits.contacts.forms import CancelForm, PlanCallbackForm
from visits.models import Callback
from visits.querysets import acts_on


def _own(request: StaffRequest, public_id: UUID) -> Callback:
    """The callback to act on. Raises Http404 if not visible, PermissionDenied if read-only."""
    rows = Callback.objects.visible_to(request.user).select_related("client")
    callback = get_object_or_404(rows, public_id=public_id)
    if not acts_on(request.user, callback):
        raise PermissionDenied
    return callback


def _data(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _tried(form: forms.Form, act: Callable[[], Callback]) -> Callback | None:
    """The result of ``act``; ``None`` if it was refused, with the errors added to the form."""
    try:
        return act()
    except ValidationError as error:
        for field, sentences in callbacks.errors_of(error).items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        return None


def _page(request: StaffRequest, form: Any, **context: Any) -> HttpResponse:
    """The form on a page of its own, or under the row that asked for it."""
    template = "visits/contacts/_decision.html" if request.htmx else "visits/contacts/decision.html"
    if request.htmx:
        attributes = {"hx-target": "closest .crm-row-more", "hx-swap": "outerHTML"}
        form.helper_attrs = {"hx-post": form.helper_action, **attributes}
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def _done(request: StaffRequest, text: str, to: Any) -> HttpResponse:
    messages.success(request, text)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(to)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Cancel a callback; the cadence continues with the next one."""
    callback = _own(request, public_id)
    form = CancelForm(_data(request))
    form.helper_action = address("visits:cancel", callback.public_id)
    form.cancel_url = callback.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        made = _tried(
            form,
            lambda: services.cancel(callback=callback, reason=reason, by=request.user),
        )
        if made is not None:
            return _done(request, _("The callback is cancelled."), callback.client)
    title = _("Cancel the callback")
    return _page(request, form, callback=callback, client=callback.client, title=title)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_callback(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Plan a callback by hand."""
    client = editable_client(request, public_id, "manager")
    due_on = trading_days.on_or_after(trading_days.today() + timedelta(days=7))
    form = PlanCallbackForm(_data(request), initial={"token": uuid.uuid4(), "due_on": due_on})
    form.cancel_url = client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = _tried(
            form,
            lambda: services.create_manual(
                client=client, employee=client.manager, by=request.user, **data
            ),
        )
        if made is not None:
            day = date_format(made.due_on, "DATE_FORMAT")
            return _done(request, _("Callback planned for %(day)s.") % {"day": day}, client)
    return _page(request, form, client=client, title=_("Plan a callback"))
