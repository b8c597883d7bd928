"""The page on which a client's origin is entered or corrected."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.models import Client
from pipeline.capture import origin_services
from pipeline.capture.forms import OriginForm
from staff.http import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def origin(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Channel and campaign of a client, and what they were before."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    lead = origin_services.lead_of(client)
    posted = request.POST if request.method == "POST" else None
    form = OriginForm(posted, employee=request.user, lead=lead)
    form.cancel_url = client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            origin_services.set_origin(client=client, by=request.user, **form.choices())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The origin is kept."))
            return redirect(client)
    context = {"client": client, "form": form, "lead": lead, "former": origin_services.former(lead)}
    status = 422 if form.errors else 200
    return render(request, "pipeline/capture/origin.html", context, status=status)
