"""Pages of suggestions and of effectiveness."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client
from crm.paging import paginate
from staff import small_samples
from staff.http import StaffRequest
from visits.lists.filters import VisitFilter
from visits.models import Visit
from visits.scripts import effectiveness
from visits.scripts import suggestions as scripts_suggestions
from visits.scripts.suggestion_forms import SuggestionForm


@require_safe
def suggestions(request: StaffRequest) -> HttpResponse:
    """Suggestions within the user's scope: open, answered or closed; newest first."""
    state = request.GET.get("status", scripts_suggestions.OPEN)
    known = state in dict(scripts_suggestions.STATES)
    rows = scripts_suggestions.listed(request.user, state if known else scripts_suggestions.OPEN)
    rows = rows.select_related("client", "employee")
    context = {
        "page": paginate(rows, order=("-occurred_at", "-id"), query=request.GET),
        "tabs": [(key, label, f"?status={key}") for key, label in scripts_suggestions.STATES],
        "status": state,
    }
    return render(request, "visits/scripts/suggestions.html", context, status=200 if known else 400)


@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One suggestion with its replies, and the form to reply."""
    rows = Visit.objects.visible_to(request.user).exclude(suggestions="").filter(void=False)
    visit = get_object_or_404(rows.select_related("client", "employee"), public_id=public_id)
    own = Client.objects.editable_by(request.user).filter(pk=visit.client_id)
    may = not visit.confidential and own.exists()
    if request.method == "POST" and not may:
        raise PermissionDenied
    form = SuggestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            scripts_suggestions.reply(visit=visit, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:suggestions")
    replies = list(visit.suggestion_replies.select_related("employee"))
    closed = any(row.state == row.State.CLOSED for row in replies)
    context = {"visit": visit, "replies": replies, "form": form if may and not closed else None}
    status = 422 if form.errors else 200
    return render(request, "visits/scripts/suggestion.html", context, status=status)


@require_safe
def lessons(request: StaffRequest) -> HttpResponse:
    """Effectiveness of the user beside the branch; for heads, of their branches and employees."""
    filters = VisitFilter(request.GET, request.user)
    rows = filters.narrow(effectiveness.own(Visit.objects.visible_to(request.user), request.user))
    branch = effectiveness.of_branch(request.user)
    branch = filters.of_everybody(branch) if branch is not None else None
    if not (filters.values.get("date_from")):
        rows = rows.filter(occurred_on__gte=effectiveness.since())
        branch = (
            branch.filter(occurred_on__gte=effectiveness.since()) if branch is not None else None
        )
    enough = small_samples.enough()
    context = {
        "filters": filters,
        "tables": effectiveness.tables(rows, branch, enough),
        "months": effectiveness.months(rows),
        "beside": branch is not None,
        "enough": enough,
        "period": effectiveness.PERIOD,
    }
    return render(request, "visits/scripts/effectiveness.html", context, status=filters.status)
