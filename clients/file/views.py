"""The client file, and numbers shown in the clear for a logged reason."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients import recent
from clients.file import head, rows, selectors, services, tabs
from clients.file.access import editable_client
from clients.file.forms import RevealForm
from clients.models import Client, FundAccount
from clients.querysets import may_record
from crm import panels
from crm.fragments import fragment
from staff.http import StaffRequest, refusal

# ``Client.merged_keys``, read in the statement of the client.
_MERGED = RawSQL(
    "ARRAY(SELECT m.id FROM clients_client m WHERE m.merged_into_id = clients_client.id)",
    [],
    output_field=ArrayField(BigIntegerField()),
)

# Templates of the tabs: of the own ones, and of those that rooms above fill with panels.
OWN = {"": "overview", "timeline": "timeline", "documents": "documents", "details": "details"}
PANELS = "clients/file/tab_panels.html"


@never_cache
@require_safe
def detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Everything about one client; rooms above add their panels."""
    visible = Client.objects.visible_to(request.user)
    related = visible.select_related("segment", "branch")
    related = related.annotate(served_by=F("manager__full_name"), merged_keys=_MERGED)  # type: ignore[no-redef]
    client = related.filter(public_id=public_id).first()
    if client is None:
        survivor = visible.survivor_of(public_id)
        if survivor is None:
            raise Http404
        return redirect(survivor, permanent=False)
    recent.remember(request.user, client)
    # Seeing a client includes changing it, unless the post is read-only (``changed_by``).
    editable = may_record(request.user)
    around = head.around(request.user, client)
    offered = tabs.tabs(request, client, around)
    tab = next(tab for tab in offered if tab.chosen)
    context = _frame(request, client, around, editable=editable)
    context |= {
        "client": client,
        "client_url": client.get_absolute_url(),
        "editable": editable,
        "may_assign": editable and (request.user.is_head or request.user.is_superuser),
        "tabs": offered,
        "tab": tab,
        "content": f"clients/file/tab_{OWN[tab.key]}.html" if tab.key in OWN else PANELS,
    }
    return render(
        request, "clients/file/file.html", context | tabs.content(request, client, tab.key)
    )


def _frame(
    request: StaffRequest, client: Client, around: head.Around, *, editable: bool
) -> dict[str, Any]:
    """What every tab has around it, and the rows and panels of the overview."""
    numbers = selectors.numbers(client)
    shown = panels.contexts("client", request, client)
    actions = panels.contexts("client_actions", request, client)
    offered = [panel.get("step") for panel in [*shown, *actions]]
    step = selectors.next_step(client, numbers, offered) if editable else None
    held = next((panel["held"] for panel in shown if "held" in panel), None)
    said = next((panel["last"] for panel in shown if "last" in panel), "")
    return {
        "head": head.summary(client, around, held, said, step),
        "step": step,
        "numbers": numbers,
        "phone": next((number.masked for number in numbers if number.kind == "phone"), ""),
        "around": around,
        "suitability": selectors.suitability(client),
        "rows": rows.all_rows(client, around.tags),
        "facts": selectors.facts(client),
        "guidance": selectors.guidance(client),
        "panels": shown,
        "actions": actions,
    }


@never_cache
@require_safe
def panel(request: StaffRequest, public_id: UUID, key: str) -> HttpResponse:
    """A panel that the page loads after itself."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    shown = panels.late_one("client", key, request, client)
    if shown is None:
        raise Http404
    return render(request, shown["template"], {"panel": shown, "client": client})


@never_cache
@require_safe
def stream(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The timeline of the client by kind, loaded in pages while scrolling."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    context = {"client": client, **tabs.stream(request, client)}
    template = "clients/file/_stream.html" if request.htmx else "clients/file/stream.html"
    return render(request, template, context)


@require_safe
def history(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Which segments the client had and why, and who served and won the client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    context = {
        "client": client,
        "assignments": selectors.assignments(client),
        "history": selectors.segment_history(client),
    }
    return render(request, "clients/file/history.html", context)


@never_cache
@require_POST
def reveal(request: StaffRequest, public_id: UUID, kind: str, pk: int) -> HttpResponse:
    """One full number, for a reason that is logged before it is shown."""
    client = editable_client(request, public_id)
    rows: dict[str, QuerySet[Any]] = {
        "phone": client.phones.filter(valid_to=None),
        "identity": client.identities.filter(valid_to=None),
        "account": FundAccount.objects.visible_to(request.user).filter(client__in=client.group),
    }
    if kind not in rows:
        raise Http404
    row = get_object_or_404(rows[kind], pk=pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        sentence = " ".join(map(str, form.errors["reason"]))
        return refusal(request, sentence, status=400)
    number = services.reveal(number=row, by=request.user, reason=form.cleaned_data["reason"])
    if request.htmx:
        return HttpResponse(fragment("clients/file/revealed.html", number=number))
    return render(request, "clients/file/number.html", {"client": client, "number": number})
