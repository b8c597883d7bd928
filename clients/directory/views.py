"""The client list and the hits while typing."""

from urllib.parse import urlencode

from django.db.models import Case, Q, When
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.directory.filters import ClientFilter
from clients.directory.table import Columns
from clients.models import Client
from clients.permissions import may_export, may_import
from clients.querysets import may_record
from clients.recent import recent
from clients.search import suggest
from crm.addresses import address
from crm.fragments import fragment
from crm.models import SavedView
from crm.paging import paginate
from crm.query_filters import LONGEST_TEXT
from staff.context_processors import Shell
from staff.filter_sheet import filter_sheet, kept
from staff.http import StaffRequest

# Beyond this many the exact number costs more than it tells. What was narrowed is counted further:
# it may be what a figure of the board links to.
MOST_COUNTED = 1_000
MOST_NARROWED = 5_000
MOST_VIEWS = 20


@never_cache
@require_safe
def client_list(request: StaffRequest) -> HttpResponse:
    """Clients within the user's scope; the address names filters, sorting and columns."""
    visible = Client.objects.visible_to(request.user)
    filters = ClientFilter(request.GET, request.user)
    clients = filters.narrow(visible)
    columns = Columns(request.GET, sees_managers=filters.sees_managers)
    most = MOST_COUNTED if columns.is_by_name and not filters.data else MOST_NARROWED
    count = clients.order_by()[: most + 1].count()
    too_many = not columns.is_by_name and count > MOST_NARROWED
    if too_many:
        columns.by_name()
    page = paginate(columns.narrowed(clients), order=columns.order, query=request.GET)
    acts = may_record(request.user)
    context = {
        "page": page,
        "rows": columns.rows(page.items, filters.all_segments, request.user),
        "columns": columns,
        "filters": filters,
        "count": min(count, most),
        "counted_all": count <= most,
        "too_many": too_many,
        "most_sorted": MOST_NARROWED,
        "views": _views(request),
        "acts": acts,
        "segments": filters.segments.items() if acts else [],
        "query": request.GET.urlencode(),
        "kept": kept(request.GET, "cursor", "q"),
        "searched": kept(request.GET, "cursor", "cols"),
        "view_query": urlencode(kept(request.GET, "cursor")),
        "import_url": reverse("clients:imports") if may_import(request.user) else "",
        "filters_url": address("clients:filters"),
        "export_url": reverse("clients:export") if may_export(request.user) else "",
        "create_url": reverse("clients:create") if acts else "",
    }
    return render(request, "clients/directory/list.html", context, status=filters.status)


@never_cache
@require_safe
def list_filters(request: StaffRequest) -> HttpResponse:
    """The fields of all filters: beneath the list that asks for them, or a page of its own."""
    filters = ClientFilter(request.GET, request.user)
    return filter_sheet(request, filters.fields_offered, address("clients:list"))


def _views(request: StaffRequest) -> list[SavedView]:
    """The user's saved views, and shared ones of the branch."""
    mine = Q(owner=request.user)
    if request.user.branch_id:
        mine |= Q(shared=True, owner__branch=request.user.branch_id)
    own_first = Case(When(owner=request.user, then=0), default=1)
    views = SavedView.objects.filter(mine, page="clients").order_by(own_first, "name", "id")
    return list(views[:MOST_VIEWS])


@never_cache
@require_safe
def search_hits(request: StaffRequest) -> HttpResponse:
    """Hits for the search box: clients and places; without a text the clients opened last."""
    visible = Client.objects.visible_to(request.user)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT]
    hits = suggest(visible, text) if text else recent(request.user)
    shell = Shell(request)
    places = shell.found(text)
    if not (hits or places or text):
        return HttpResponse("")
    parts = {"hits": hits, "text": text, "places": places, "icons": shell.icons}
    return HttpResponse(fragment("clients/directory/hits.html", **parts))
