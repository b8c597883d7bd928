"""Changes of many clients with preview and undo; saved views of the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clients.directory import at_once, bulk
from clients.directory.bulk_forms import BulkForm, ViewForm
from clients.models import BulkChange, Client
from clients.querysets import may_record
from crm.addresses import address
from crm.models import SavedView
from staff import toasts
from staff.http import StaffRequest, local, refusal

SHOWN = 20
PAGE = "clients"


@require_POST
def change_many(request: StaffRequest) -> HttpResponse:
    """Change few clients at once; of many a preview first and, with ``confirm``, a job."""
    editable = Client.objects.editable_by(request.user)
    if not may_record(request.user):
        raise PermissionDenied
    clients = bulk.chosen(request.POST, editable, request.user)
    keys = list(clients.values_list("pk", flat=True)[: bulk.MOST + 1])
    few = len(keys) <= at_once.MOST
    confirmed = "confirm" in request.POST or ("direct" in request.POST and few)
    form = _form(request, confirmed)
    drift = bulk.drift(request.POST, len(keys))
    if form.is_valid() and not drift:
        try:
            return _changed(request, form, keys, few)
        except ValidationError as error:
            form.add_error(None, error)
    shown: dict[str, Any] = {"form": form, "query": request.POST.get("query", "")}
    shown |= {"chosen": request.POST.getlist("client"), "everything": "everything" in request.POST}
    shown |= {"count": len(keys), "drift": drift}
    shown["sample"] = list(clients.order_by("name_pinyin", "pk")[:SHOWN])
    status = 409 if drift else 422 if form.errors or not keys else 200
    return render(request, "clients/directory/bulk.html", shown, status=status)


def _form(request: StaffRequest, confirmed: bool) -> BulkForm:
    """What is asked for; checked once it is meant. The bar of the list calls the reason ``why``."""
    data = request.POST.copy()
    if why := data.get("why"):
        data["reason"] = why
    names = ("action", "tag", "segment", "until", "reason")
    initial = {name: data.get(name, "") for name in names}
    return BulkForm(data if confirmed else None, employee=request.user, initial=initial)


def _changed(request: StaffRequest, form: BulkForm, keys: list[int], few: bool) -> HttpResponse:
    """Do it, or queue it. Raises ValidationError for none or too many."""
    data = form.cleaned_data
    asked: dict[str, Any] = {name: data[name] for name in ("action", "reason", "until")}
    asked |= {"clients": keys, "target": form.target(request.user), "by": request.user}
    if not few:
        return redirect(bulk.start(**asked).get_absolute_url())
    change = at_once.change(**asked)
    counts = dict(change.items.order_by().values_list("state").annotate(n=Count("pk")))
    text = _("%(change)s: %(n)s changed.") % {"change": change, "n": counts.get("done", 0)}
    if refused := counts.get("refused"):
        text += " " + _("Not possible for %(n)s.") % {"n": refused}
    if counts.get("done"):
        toasts.done(request, text, address("clients:undo_many", change.pk))
    else:
        messages.info(request, text)
    return redirect(f"{address('clients:list')}?{request.POST.get('query', '')[:2000]}")


@require_POST
def undo_many(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo an own change within a day: of few clients at once, of many by a job."""
    own: QuerySet[BulkChange] = BulkChange.objects.filter(employee=request.user)
    change = get_object_or_404(own, pk=pk)
    try:
        if not at_once.ran(change):
            return redirect(bulk.undo(change=change, by=request.user).get_absolute_url())
        count = at_once.undo(change=change, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    taken = {"n": count}
    messages.success(
        request,
        ngettext("Taken back for %(n)s client.", "Taken back for %(n)s clients.", count) % taken,
    )
    return redirect(local(request, request.headers.get("Referer", "")) or "clients:list")


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
