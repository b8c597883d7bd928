"""Lists of callbacks and visits; every filter stands in the address."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import trading_days
from crm.paging import paginate
from crm.tables import Table
from staff.http import StaffRequest
from visits.lists import grouping, table
from visits.lists.filters import STATUSES, CallbackFilter, VisitFilter
from visits.models import Callback, Visit


@require_safe
def callbacks(request: StaffRequest) -> HttpResponse:
    """Callbacks within one's scope, the earliest first."""
    filters = CallbackFilter(request.GET, request.user)
    rows = filters.rows(Callback.objects.visible_to(request.user))
    rows = rows.select_related("client__segment", "employee")
    status = filters.data.get("status") or "open"
    tabs = [
        (key, label, _tab(request, key), filters.counted(request.user, key))
        for key, label in STATUSES[:6]
    ]
    by = request.GET.get("by", "")
    extra: dict[str, Any] = {"status": status, "tabs": tabs, "day": trading_days.today(), "by": by}
    extra["ways"] = [("", _("List"), _with(request, by=""))]
    extra["ways"] += [(key, label, _with(request, by=key)) for key, label in grouping.BY.items()]
    if by in grouping.BY:
        extra["groups"] = grouping.groups(rows.select_related(None), by, request.GET)
    columns = table.GROUPS if extra.get("groups") else table.CALLBACKS
    extra["heads"] = Table(columns, request.GET).heads()
    return _list(request, "visits/lists/callbacks.html", filters, rows, ("due_on", "id"), extra)


@require_safe
def visits(request: StaffRequest) -> HttpResponse:
    """Contacts within one's scope, the newest first."""
    filters = VisitFilter(request.GET, request.user)
    rows = filters.rows(Visit.objects.visible_to(request.user))
    rows = rows.select_related("client", "employee", "outcome")
    order = ("-occurred_at", "-id")
    heads = Table(table.CONTACTS, request.GET).heads()
    return _list(request, "visits/lists/visits.html", filters, rows, order, {"heads": heads})


def _list(
    request: StaffRequest,
    template: str,
    filters: CallbackFilter | VisitFilter,
    rows: QuerySet[Any],
    order: tuple[str, ...],
    extra: dict[str, Any],
) -> HttpResponse:
    """Draw one page of a list; 400 with the sentences where a filter is malformed."""
    page = paginate(rows, order=order, query=request.GET)
    status = 200 if filters.is_valid() else 400
    context = {"filters": filters, "page": page, **extra}
    return render(request, template, context, status=status)


def _tab(request: StaffRequest, status: str) -> str:
    """The list under another tab; the dates that its filters do not show are left behind."""
    unseen = "due" if status == Callback.Status.DONE else "done"
    query = request.GET.copy()
    for name in ("cursor", f"{unseen}_from", f"{unseen}_to"):
        query.pop(name, None)
    query["status"] = status
    return f"?{query.urlencode()}"


def _with(request: StaffRequest, **changes: str) -> str:
    """The address with other filters, from its first page."""
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
