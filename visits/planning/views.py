"""Pages of occasions (events that are a reason to call), and the explanation of a due date."""

import uuid
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.file.access import visible_client
from staff.http import StaffRequest
from visits import wording
from visits.models import Callback, Occasion
from visits.planning import explain
from visits.planning.forms import OccasionForm
from visits.planning.occasions import note_occasion, void_occasion


@require_http_methods(["GET", "HEAD", "POST"])
def occasions(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Record an occasion; earlier ones are listed below."""
    client, editable = visible_client(request, public_id)
    if request.method == "POST" and not editable:
        raise PermissionDenied
    form = OccasionForm(request.POST or None, initial={"source_key": uuid.uuid4()})
    form.cancel_url = client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            note_occasion(client=client, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Noted. The callback is planned."))
            return redirect(client)
    noted = Occasion.objects.visible_to(request.user).filter(client__in=client.group)
    context = {
        "client": client,
        "form": form if editable else None,
        "noted": noted.select_related("noted_by")[:50],
    }
    status = 422 if form.errors else 200
    return render(request, "visits/planning/occasions.html", context, status=status)


@require_POST
def void(request: StaffRequest, pk: int) -> HttpResponse:
    """Void an occasion that was recorded by mistake."""
    rows = Occasion.objects.visible_to(request.user).select_related("client__merged_into")
    occasion = get_object_or_404(rows, pk=pk)
    if not Occasion.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    void_occasion(occasion=occasion, by=request.user)
    messages.success(request, _("Taken back. Its callback is no longer due."))
    client = occasion.client.merged_into or occasion.client
    return redirect("visits:occasions", client.public_id)


@require_safe
def why(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Step by step why a callback is due on its day: a page, or what opens beside the callback."""
    rows = Callback.objects.visible_to(request.user)
    rows = rows.select_related("client__segment", "plan", "employee__branch")
    callback = get_object_or_404(rows, public_id=public_id)
    context = {
        "callback": callback,
        "client": callback.client,
        "kind": wording.label(callback.kind),
        "steps": explain.steps(callback, request.user),
    }
    template = "visits/planning/_why.html" if request.htmx else "visits/planning/why.html"
    return render(request, template, context)
