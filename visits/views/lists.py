"""Lists of callbacks and visits; every filter stands in the address."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.paging import paginate
from staff.http import StaffRequest
from visits.models import Callback


@require_safe
def callbacks(request: StaffRequest) -> HttpResponse:
    """Callbacks within one's scope, the earliest first."""
    rows = Callback.objects.visible_to(request.user).open().select_related("client")
    page = paginate(rows, order=("due_on", "id"), query=request.GET)
    return render(request, "visits/callbacks.html", {"page": page})
