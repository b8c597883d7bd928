"""The private calendar address, what it answers, and invitations."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.http import StaffRequest, refusal
from staff.middleware import name_employee
from visits import ics
from visits.agenda import ical_feed
from visits.contacts.callback_views import _own
from visits.contacts.invitations import send_invitation
from visits.models import CalendarFeed, Callback

NO_TIME = gettext_lazy("This callback has no time of day: it is no appointment.")
ICS = "text/calendar; charset=utf-8"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feed_settings(request: StaffRequest) -> HttpResponse:
    """Create, renew or revoke the user's own address; a new one is shown once."""
    url = ""
    if request.method == "POST":
        asked = request.POST.get("act")
        if asked == "revoke":
            ical_feed.revoke(request.user)
            messages.success(request, _("The address is dead. Calendars that had it get nothing."))
            return redirect("visits:feed")
        if asked != "make":
            return refusal(request, _("Choose what to do."), status=422)
        url = ical_feed.url_of(ical_feed.make(request.user))
    own = CalendarFeed.objects.filter(employee=request.user, token_hash__isnull=False).first()
    context = {"feed": own, "url": url, "named": ics.names_clients(request.user)}
    return render(request, "visits/agenda/feed.html", context)


@login_not_required
@never_cache
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar that belongs to a secret address; 404 for an unknown secret."""
    feed_row = ical_feed.of_token(token)
    if feed_row is None:
        # Not the usual page, which repeats the address.
        text = _("There is no such calendar.")
        return HttpResponseNotFound(text, content_type="text/plain; charset=utf-8")
    with transaction.atomic():
        name_employee(feed_row.employee)
        ical_feed.note_read(feed_row)
        return HttpResponse(ical_feed.feed(feed_row.employee), content_type=ICS)


def _appointment(request: StaffRequest, public_id: UUID) -> Callback:
    """An appointment visible to the user."""
    rows = Callback.objects.visible_to(request.user).select_related("client")
    callback = get_object_or_404(rows, public_id=public_id)
    if callback.starts_at is None:
        raise Http404(NO_TIME)
    return callback


@never_cache
@require_safe
def invitation(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """An appointment as an iCalendar file."""
    callback = _appointment(request, public_id)
    answer = HttpResponse(ics.invitation(request.user, callback), content_type=ICS)
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


@require_POST
def mail_invitation(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The same by e-mail to oneself."""
    callback = _own(request, public_id)
    if callback.starts_at is None:
        raise Http404(NO_TIME)
    if not request.user.email:
        messages.error(request, _("No e-mail address is on record for you. Ask the administrator."))
        return redirect(callback)
    keys = (callback.pk, request.user.pk)
    transaction.on_commit(lambda: send_invitation.delay(*keys))
    messages.success(request, _("On its way to %(email)s.") % {"email": request.user.email})
    return redirect(callback)
