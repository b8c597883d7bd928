"""The client list and the hits while typing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.filters import LONGEST_QUERY, ClientFilter, client_rows
from clients.models import Client, Lifecycle
from clients.querysets import may_record
from clients.search import suggest
from crm.paging import paginate
from crm.trading_days import today
from staff.http import StaffRequest

# Beyond this many the exact number costs more than it tells. What was narrowed is counted further:
# it may be what a figure of the board links to.
MOST_COUNTED = 1_000
MOST_NARROWED = 5_000


@never_cache
@require_safe
def client_list(request: StaffRequest) -> HttpResponse:
    """Clients within the reader's scope by name, narrowed by search and filters."""
    visible = Client.objects.visible_to(request.user)
    filters = ClientFilter(request.GET, request.user)
    clients = filters.apply(visible)
    page = paginate(client_rows(clients), order=("name_pinyin", "id"), query=request.GET)
    most = MOST_NARROWED if filters.is_used else MOST_COUNTED
    count = clients.order_by()[: most + 1].count()
    context = {
        "page": page,
        "rows": _rows(page.items, filters),
        "filters": filters,
        "count": min(count, most),
        "counted_all": count <= most,
        "shows_manager": filters.sees_managers,
        "create_url": reverse("clients:create") if may_record(request.user) else "",
    }
    return render(request, "clients/list.html", context, status=400 if filters.errors else 200)


def _rows(clients: list[Client], filters: ClientFilter) -> list[dict[str, object]]:
    """What the rows show, as plain text: the template then only fills in."""
    lifecycles = {key: str(label) for key, label in Lifecycle.choices}
    segments = {pk: str(row) for pk, row in filters.all_segments.items()}
    business_date = today()
    rows: list[dict[str, object]] = []
    for client in clients:
        contact = client.last_contact_on
        expires = client.risk_expires_on
        rows.append(
            {
                "url": client.get_absolute_url(),
                "address": client.address,
                "segment": segments[client.segment_id],
                "lifecycle": lifecycles[client.lifecycle],
                "risk": client.risk_grade,
                "risk_expired": bool(expires and expires < business_date),
                "manager": client.manager.full_name if client.manager else "—",
                "contact": contact.isoformat() if contact else "",
                "days": (business_date - contact).days if contact else "",
            }
        )
    return rows


@never_cache
@require_safe
def search_hits(request: StaffRequest) -> HttpResponse:
    """Up to ten hits for the search box: a list of links, or one sentence."""
    visible = Client.objects.visible_to(request.user)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    if not text:
        return HttpResponse("")
    items = [_hit(client) for client in suggest(visible, text)]
    if not items:
        sentence = _("No client within your reach matches. Try the name, pinyin or four digits.")
        return HttpResponse(f"<p>{escape(sentence)}</p>")
    return HttpResponse(f"<ul>{''.join(items)}</ul>")


def _hit(client: Client) -> str:
    kind = escape(client.get_lifecycle_display())
    return (
        f'<li><a href="{client.get_absolute_url()}">{escape(client.address)} '
        f"<small>{kind}</small></a></li>"
    )
