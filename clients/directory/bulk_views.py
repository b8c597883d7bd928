"""Changes of many clients with preview and undo; saved views of the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.directory import bulk
from clients.directory.bulk_forms import BulkForm, ViewForm
from clients.models import BulkChange, Client
from clients.querysets import may_record
from crm.addresses import address
from crm.models import SavedView
from staff.http import StaffRequest, refusal

SHOWN = 20
PAGE = "clients"


@require_POST
def change_many(request: StaffRequest) -> HttpResponse:
    """Preview a change; with ``confirm``, queue it."""
    editable = Client.objects.editable_by(request.user)
    if not may_record(request.user):
        raise PermissionDenied
    clients = bulk.chosen(request.POST, editable, request.user)
    confirmed = "confirm" in request.POST
    data = request.POST if confirmed else None
    initial = {"action": request.POST.get("action", "")}
    form = BulkForm(data, employee=request.user, initial=initial)
    shown: dict[str, Any] = {"form": form, "query": request.POST.get("query", "")}
    shown["chosen"] = request.POST.getlist("client")
    shown["everything"] = "everything" in request.POST
    keys = list(clients.values_list("pk", flat=True)[: bulk.MOST + 1])
    shown["count"] = len(keys)
    shown["sample"] = list(clients.order_by("name_pinyin", "pk")[:SHOWN])
    if form.is_valid():
        try:
            job = bulk.start(
                clients=keys,
                action=form.cleaned_data["action"],
                target=form.target(request.user),
                reason=form.cleaned_data["reason"],
                until=form.cleaned_data["until"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(job.get_absolute_url())
    status = 422 if form.errors or not keys else 200
    return render(request, "clients/directory/bulk.html", shown, status=status)


@require_POST
def undo_many(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo an own change within a day."""
    own: QuerySet[BulkChange] = BulkChange.objects.filter(employee=request.user)
    change = get_object_or_404(own, pk=pk)
    try:
        job = bulk.undo(change=change, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return redirect(job.get_absolute_url())


@require_POST
def save_view(request: StaffRequest) -> HttpResponse:
    """Save filters, columns and sorting of the list under a name."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        text = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return refusal(request, text, status=400)
    kept, _made = SavedView.objects.update_or_create(
        owner=request.user,
        page=PAGE,
        name=form.cleaned_data["name"],
        defaults={"query": form.cleaned_data["query"], "shared": form.cleaned_data["shared"]},
    )
    messages.success(request, _("The view is saved."))
    return redirect(f"{address('clients:list')}?{kept.query}")


@require_POST
def delete_view(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete an own saved view."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.user, page=PAGE)
    view.delete()
    messages.success(request, _("The view is deleted."))
    return redirect("clients:list")
