"""Lists of callbacks and visits; every filter is a parameter of the address."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.querysets import may_record
from crm import trading_days
from crm.addresses import address
from crm.paging import Page, paginate
from crm.tables import Table
from staff.filter_sheet import filter_sheet
from staff.http import StaffRequest
from visits.lists import grouping, table
from visits.lists.filters import STATUSES, CallbackFilter, VisitFilter
from visits.lists.rows import COLUMNS, CallbackRow
from visits.models import Callback, Visit


@require_safe
def callbacks(request: StaffRequest) -> HttpResponse:
    """Callbacks within the user's scope, earliest first."""
    filters = CallbackFilter(request.GET, request.user)
    rows = filters.narrow(Callback.objects.visible_to(request.user, confidential=False))
    counts = filters.counts()
    status = filters.data.get("status") or "open"
    tabs = [(key, label, _tab(request, key), counts.get(key, "")) for key, label in STATUSES[:6]]
    by = request.GET.get("by", "")
    extra: dict[str, Any] = {"status": status, "tabs": tabs, "day": trading_days.today(), "by": by}
    acts = may_record(request.user)
    extra |= {"acts": acts, "filters_url": address("visits:callback_filters")}
    extra["ways"] = [("", _("List"), _with(request, by=""))]
    extra["ways"] += [(key, label, _with(request, by=key)) for key, label in grouping.BY.items()]
    if by in grouping.BY:
        extra["groups"] = grouping.groups(rows, by, request.GET)
    columns = table.GROUPS if extra.get("groups") else table.CALLBACKS
    extra["sees_managers"] = request.user.branch_scope != []
    rights = {table.MANAGERS} if extra["sees_managers"] else set()
    extra["columns"] = Table(columns, request.GET, rights=rights)
    page = _callbacks(rows, request)
    return _drawn(request, "visits/lists/callbacks.html", filters, page, extra)


def _callbacks(rows: QuerySet[Callback], request: StaffRequest) -> Page[CallbackRow]:
    """One page of callbacks with what is drawn of them.

    The page is found by its keys alone: asked for all columns at once, the database walks through
    the firm by date until it has met enough of the few that somebody sees.
    """
    order = ("due_on", "id")
    keys = paginate(rows.values_list(*order, named=True), order=order, query=request.GET)
    found = rows.filter(pk__in=[key.id for key in keys.items]).order_by(*order)
    drawn = [CallbackRow(*columns) for columns in found.values_list(*COLUMNS)]
    return Page(drawn, keys.previous_query, keys.next_query)


@require_safe
def visits(request: StaffRequest) -> HttpResponse:
    """Contacts within the user's scope, newest first."""
    filters = VisitFilter(request.GET, request.user)
    rows = filters.narrow(Visit.objects.visible_to(request.user, confidential=False))
    rows = rows.select_related("client", "employee", "outcome")
    page = paginate(rows, order=("-occurred_at", "-id"), query=request.GET)
    reached = filters.data.get("reached", "")
    ways = [("", _("All")), ("1", _("Reached")), ("0", _("Not reached"))]
    tabs = [(key, label, _with(request, reached=key), "") for key, label in ways]
    extra = {"tabs": tabs, "status": reached, "columns": Table(table.CONTACTS, request.GET)}
    extra |= {"acts": may_record(request.user), "filters_url": address("visits:visit_filters")}
    return _drawn(request, "visits/lists/visits.html", filters, page, extra)


@require_safe
def callback_filters(request: StaffRequest) -> HttpResponse:
    """The filters of the list of callbacks."""
    filters = CallbackFilter(request.GET, request.user)
    return filter_sheet(request, filters.shown, address("visits:callbacks"))


@require_safe
def visit_filters(request: StaffRequest) -> HttpResponse:
    """The filters of the list of contacts."""
    filters = VisitFilter(request.GET, request.user)
    return filter_sheet(request, filters.shown, address("visits:list"))


def _drawn(
    request: StaffRequest,
    template: str,
    filters: CallbackFilter | VisitFilter,
    page: Page[Any],
    extra: dict[str, Any],
) -> HttpResponse:
    """Draw one page of a list; 400 with the sentences where a filter is malformed."""
    context = {"filters": filters, "page": page, "query": request.GET.urlencode(), **extra}
    return render(request, template, context, status=filters.status)


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
