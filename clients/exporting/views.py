"""Export of the client list: requested with a reason, approved if the policy requires it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import permissions
from clients.directory.filters import chosen_keys
from clients.exporting import services
from clients.importing.forms import ExportForm
from clients.models import ClientExport
from crm.addresses import address
from crm.paging import paginate
from staff.http import StaffRequest, refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export_clients(request: StaffRequest) -> HttpResponse:
    """The list of the address, as a file."""
    if request.method == "POST" and "format" not in request.POST:
        return _of_ticked(request)
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    rows = services.listed(request.user, query[:2000]).order_by().count()
    if not permissions.may_export(request.user):
        raise PermissionDenied
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        clear=permissions.may_clear(request.user),
        initial={"query": query},
    )
    if form.is_valid():
        asked = dict(form.cleaned_data)
        asked["in_clear"] = asked.get("in_clear", False)
        try:
            export = services.ask(by=request.user, language=get_language() or "en", **asked)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            if export.job is not None:
                return redirect(export.job.get_absolute_url())
            messages.success(request, _("The export waits for approval by somebody else."))
            return redirect("clients:exports")
    form.cancel_url = f"{address('clients:list')}?{query}"
    context = {"form": form, "rows": rows, "limit": services.left(request.user)}
    return render(
        request, "clients/exporting/export.html", context, status=422 if form.errors else 200
    )


def _of_ticked(request: StaffRequest) -> HttpResponse:
    """From the list: the address of the export of the ticked clients, or of all that match."""
    if "everything" in request.POST:
        return redirect(f"{request.path}?{request.POST.get('query', '')[:2000]}")
    keys = chosen_keys(request.POST.getlist("client"))
    if not keys:
        messages.error(request, _("Tick the clients first."))
        return redirect(f"{address('clients:list')}?{request.POST.get('query', '')[:2000]}")
    return redirect(f"{request.path}?only={'.'.join(map(str, keys))}")


@never_cache
@require_safe
def exports(request: StaffRequest) -> HttpResponse:
    """The user's exports, and those waiting for their decision."""
    own = ClientExport.objects.filter(employee=request.user).select_related("job", "decided_by")
    context = {
        "page": paginate(own, order=("-id",), query=request.GET),
        "exports": permissions.may_export(request.user),
        "waiting": services.asked(services.waiting_for(request.user).order_by("id")[:50]),
    }
    return render(request, "clients/exporting/exports.html", context)


@require_POST
def decide_export(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Approve or refuse."""
    export = get_object_or_404(services.asked_of(request.user), public_id=public_id)
    approve, because = "approve" in request.POST, request.POST.get("because", "")
    try:
        services.decide(export=export, by=request.user, approve=approve, because=because)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    messages.success(request, _("Decided; the person who asked has been told."))
    return redirect("clients:exports")
