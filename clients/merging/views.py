"""Possible doubles: a work list, two records side by side, merging and its undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.duplicates import detection
from clients.file.selectors import numbers
from clients.file.services import EditConflict
from clients.merging import services
from clients.models import Client, ClientMerge
from clients.querysets import may_record
from staff.http import StaffRequest, refusal


@never_cache
@require_safe
def duplicates(request: StaffRequest) -> HttpResponse:
    """Possible duplicates among the user's clients, and merges that can be undone."""
    if not may_record(request.user):
        raise PermissionDenied
    pairs, rest = detection.pairs(request.user, detection.place(request.GET.get("after", "")))
    since = timezone.now() - services.UNDO_FOR
    recent = ClientMerge.objects.editable_by(request.user).filter(undone_at=None, at__gte=since)
    context = {
        "pairs": pairs,
        "rest": f"?after={rest}" if rest else "",
        "merges": recent.select_related("survivor", "merged", "employee")[:20],
    }
    return render(request, "clients/merging/duplicates.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: StaffRequest, left: UUID, right: UUID) -> HttpResponse:
    """Two records side by side, with a choice for each field."""
    editable = Client.objects.editable_by(request.user).select_related("manager", "branch")
    survivor = editable.survivor_of(right) or editable.survivor_of(left)
    if survivor is not None:  # somebody else was faster, or the page was left open
        words = {"name": survivor.salutation}
        messages.warning(request, _("These records were merged into %(name)s already.") % words)
        return redirect(survivor)
    first = get_object_or_404(editable, public_id=left)
    second = get_object_or_404(editable.exclude(pk=first.pk), public_id=right)
    if request.method != "POST":
        return _page(request, first, second)
    try:
        if "dismiss" in request.POST:
            reason = request.POST.get("reason", "")[:200]
            services.dismiss(first=first, second=second, reason=reason, by=request.user)
            messages.success(request, _("They stay two."))
            return redirect("clients:duplicates")
        merged = services.merge(
            survivor=first,
            merged=second,
            versions={first.pk: _seen(request, "left"), second.pk: _seen(request, "right")},
            take={name: request.POST.get(name, "") for name in services.CHOSEN},
            by=request.user,
        )
    except EditConflict:
        error = _("Somebody saved one of them meanwhile. Look again, then merge.")
        return _page(request, first, second, error=error, status=409)
    except ValidationError as error:
        said = " ".join(error.messages)
        return _page(request, first, second, error=said, status=422)
    messages.success(request, _("Merged. It can be undone for 7 days, in the list of duplicates."))
    return redirect(merged.survivor)


def _seen(request: StaffRequest, side: str) -> int:
    text = request.POST.get(f"version_{side}", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _page(
    request: StaffRequest, first: Client, second: Client, error: str = "", status: int = 200
) -> HttpResponse:
    rows: list[dict[str, Any]] = []
    for name in services.CHOSEN:
        values = [_shown(client, name) for client in (first, second)]
        better = "merged" if values[1] and not values[0] else "survivor"
        label = Client._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        rows.append({"name": name, "label": label, "values": values, "take": better})
    context = {
        "first": first,
        "second": second,
        "rows": rows,
        "numbers": [numbers(first), numbers(second)],
        "error": error,
    }
    return render(request, "clients/merging/pair.html", context, status=status)


def _shown(client: Client, name: str) -> str:
    display = getattr(client, f"get_{name}_display", None)
    value = display() if display else getattr(client, name)
    return "" if value is None else str(value)


@require_POST
def undo_merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Make two of one again."""
    done = get_object_or_404(ClientMerge.objects.editable_by(request.user), pk=pk)
    try:
        services.undo(done=done, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    messages.success(request, _("They are two again."))
    return redirect("clients:duplicates")
