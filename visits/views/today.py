"""The manager's home: whom to call today, and why."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm import trading_days
from staff.http import StaffRequest
from visits.models import Callback


@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """Overdue and due callbacks of the person who asks."""
    day = trading_days.today()
    rows = Callback.objects.visible_to(request.user).open()
    rows = rows.filter(employee=request.user, due_on__lte=day).select_related("client")
    return render(request, "visits/today.html", {"rows": rows[:40], "day": day})
