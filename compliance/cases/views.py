"""Exception cases: the list, the case, notes and its close."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.cases import services
from compliance.cases.filters import CaseFilter
from compliance.cases.forms import WordsForm
from compliance.models import ExceptionCase
from compliance.querysets import is_officer, looks_after
from crm.paging import paginate
from staff.http import StaffRequest


@never_cache
@require_safe
def cases(request: StaffRequest) -> HttpResponse:
    """Exception cases in the user's scope, newest first."""
    if not looks_after(request.user):
        raise PermissionDenied
    filters = CaseFilter(request.GET, request.user)
    rows = filters.narrow(ExceptionCase.objects.visible_to(request.user))
    rows = rows.select_related("client__branch", "concerned")
    context = {
        "filters": filters,
        "page": paginate(rows, order=("-id",), query=request.GET),
        "officer": is_officer(request.user),
    }
    return render(request, "compliance/cases/cases.html", context, status=filters.status)


def _found(request: StaffRequest, public_id: UUID) -> ExceptionCase:
    rows = ExceptionCase.objects.visible_to(request.user).select_related(
        "client__branch", "concerned", "visit__employee", "closed_by"
    )
    return get_object_or_404(rows, public_id=public_id)


@never_cache
@require_safe
def case(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One case with its steps."""
    return _page(request, _found(request, public_id))


def _page(request: StaffRequest, row: ExceptionCase, **forms_shown: Any) -> HttpResponse:
    faulty = any(isinstance(f, forms.Form) and f.errors for f in forms_shown.values())
    is_open = row.state != ExceptionCase.State.CLOSED
    context = {
        "row": row,
        "steps": row.steps.select_related("employee"),
        "return_visit": row.visit.return_visits.select_related("callback").first(),
        "noting": WordsForm() if is_open else None,
        "closing": WordsForm(prefix="close") if is_open and is_officer(request.user) else None,
        **forms_shown,
    }
    return render(request, "compliance/cases/case.html", context, status=422 if faulty else 200)


@require_POST
def note(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Add a note; it marks an open case as under investigation."""
    row = _found(request, public_id)
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            services.note(case=row, words=form.cleaned_data["words"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Noted."))
            return redirect(row)
    return _page(request, row, noting=form)


@require_POST
def close(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Close a case with its conclusion."""
    row = _found(request, public_id)
    if not is_officer(request.user):
        raise PermissionDenied
    form = WordsForm(request.POST, prefix="close")
    if form.is_valid():
        try:
            services.close(case=row, words=form.cleaned_data["words"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The case is closed."))
            return redirect(row)
    return _page(request, row, closing=form)
