"""The client file, and numbers shown in the clear for a logged reason."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients import recent, reports, services
from clients.forms import RevealForm
from clients.models import Client, ClientTag
from clients.querysets import may_record
from clients.views.access import editable_client
from crm import panels
from staff.http import StaffRequest


@never_cache
@require_safe
def detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Everything about one client; rooms above add their panels."""
    visible = Client.objects.visible_to(request.user)
    related = visible.select_related("segment", "branch").defer("search")
    tags = ClientTag.objects.filter(client=OuterRef("pk")).order_by("tag__name")
    related = related.annotate(
        served_by=F("manager__full_name"), tag_names=ArraySubquery(tags.values("tag__name"))
    )
    client = get_object_or_404(related, public_id=public_id)
    recent.remember(request.user, client)
    # Whoever sees a client changes it too, unless the post only reads (ClientQuerySet.editable_by).
    editable = may_record(request.user)
    context = {
        "client": client,
        "client_url": client.get_absolute_url(),
        "editable": editable,
        "may_assign": editable and (request.user.is_head or request.user.is_superuser),
        "pills": reports.pills(client),
        "numbers": reports.numbers(client),
        "facts": reports.facts(client),
        "guidance": reports.guidance(client),
        "panels": panels.drawn("client", request, client),
        "actions": panels.drawn("client_actions", request, client),
    }
    return render(request, "clients/detail.html", context)


@require_safe
def history(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Which segments the client had and why, and who served and won the client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    context = {
        "client": client,
        "assignments": reports.assignments(client),
        "history": reports.segment_history(client),
    }
    return render(request, "clients/history.html", context)


@never_cache
@require_POST
def reveal(request: StaffRequest, public_id: UUID, kind: str, pk: int) -> HttpResponse:
    """One full number, for a reason that is logged before it is shown."""
    client = editable_client(request, public_id)
    rows: dict[str, QuerySet[Any]] = {
        "phone": client.phones.all(),
        "identity": client.identities.all(),
    }
    if kind not in rows:
        raise Http404
    row = get_object_or_404(rows[kind], pk=pk, valid_to=None)
    form = RevealForm(request.POST)
    if not form.is_valid():
        sentence = " ".join(map(str, form.errors["reason"]))
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    number = services.reveal(number=row, by=request.user, reason=form.cleaned_data["reason"])
    if request.htmx:
        return HttpResponse(format_html("<strong>{}</strong>", number))
    return render(request, "clients/number.html", {"client": client, "number": number})
