"""The home page of managers: the clients to call today, with reasons."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import panels
from crm.addresses import address
from crm.navigation import Waiting
from staff.http import StaffRequest
from visits.agenda import today as agenda_today
from visits.salutation import hello


@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """The user's callbacks: late, due, ahead; with ``by=segment`` by segment with its script."""
    by_segment = request.GET.get("by") == "segment"
    work = agenda_today.of(request.user, by_segment=by_segment)
    waiting = Waiting(work.overdue + work.due, late=work.overdue > 0)
    request.counted = {address("visits:today"): waiting}
    context = {
        "work": work,
        "by_segment": by_segment,
        "greeting": _("%(hello)s, %(name)s")
        % {"hello": hello(timezone.now()), "name": request.user.full_name},
        "serves": request.user.may_own_clients and not request.user.is_head,
        "panels": panels.contexts("today_side", request, request.user),
        "mine": f"{address('visits:callbacks')}?manager={request.user.pk}&status=",
        "day": work.day.isoformat(),
    }
    return render(request, "visits/agenda/today.html", context)
