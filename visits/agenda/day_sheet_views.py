"""The printable day sheet."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import trading_days
from staff.http import StaffRequest
from visits.agenda import calendar
from visits.agenda import day_sheet as agenda_day_sheet


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def day_sheet(request: StaffRequest) -> HttpResponse:
    """Ask for the sheet of a day, then draw it; a POST, for it writes the log."""
    query = request.POST if request.method == "POST" else request.GET
    day = calendar.opened(query.get("day") or trading_days.today().isoformat())
    wrong = "" if day else _("There is no such day or month. This is today's.")
    day = day or trading_days.today()
    context = {
        "day": day,
        "wrong": wrong,
        "count": agenda_day_sheet.rows(request.user, day).count(),
    }
    if request.method == "POST" and not wrong:
        reason = _("Day sheet of %(day)s") % {"day": day.isoformat()}
        context["lines"] = agenda_day_sheet.make(request.user, day, reason)
        context["made"] = True
    return render(request, "visits/agenda/day_sheet.html", context, status=422 if wrong else 200)
