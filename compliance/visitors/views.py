"""Who makes return visits."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import ReturnVisitor
from compliance.querysets import is_officer
from compliance.visitors import services
from compliance.visitors.forms import VisitorForm
from staff.http import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def visitors(request: StaffRequest) -> HttpResponse:
    """Visitors named for the user's branches; form to name another."""
    if not is_officer(request.user):
        raise PermissionDenied
    form = VisitorForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.name(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Named. Open return visits are given out in the nightly run.")
            )
            return redirect("compliance:visitors")
    rows = ReturnVisitor.objects.visible_to(request.user).in_force()
    rows = rows.select_related("employee__branch", "branch", "named_by").order_by("branch__path")
    status = 422 if form.errors else 200
    context = {"form": form, "rows": rows}
    return render(request, "compliance/visitors/visitors.html", context, status=status)


@require_POST
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """From today they make none for that branch."""
    rows = ReturnVisitor.objects.visible_to(request.user).filter(valid_to=None)
    visitor = get_object_or_404(rows.select_related("employee", "branch"), pk=pk)
    if not ReturnVisitor.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    services.end(visitor)
    messages.success(request, _("Ended. What was open waits for somebody else."))
    return redirect("compliance:visitors")
