"""Pages of return visits: list, visit, review, assignment."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from compliance.cases.forms import WordsForm
from compliance.coverage import selectors as coverage_selectors
from compliance.models import ExceptionCase, ReturnVisit
from compliance.querysets import is_officer, looks_after
from compliance.return_visits import selectors, services
from compliance.return_visits.filters import STATES, ReturnVisitFilter
from compliance.return_visits.forms import AssignForm, PlanForm, ReturnVisitForm, ReviewForm
from crm.models import AccessLog
from crm.paging import paginate
from staff.http import StaffRequest
from visits import salutation
from visits.contacts.recent import first_phone
from visits.contacts.selectors import head
from visits.models import ScriptVersion


@never_cache
@require_safe
def visits(request: StaffRequest) -> HttpResponse:
    """Return visits in the user's scope or assigned to them, earliest first."""
    if not (looks_after(request.user) or request.user.makes_return_visits):
        raise PermissionDenied
    filters = ReturnVisitFilter(request.GET, request.user)
    rows = filters.narrow(ReturnVisit.objects.visible_to(request.user).contacts()).with_names()
    status = request.GET.get("status") or "open"
    order = ("callback__due_on", "id") if status in {"open", "late"} else ("-id",)
    context = {
        "filters": filters,
        "page": paginate(rows, order=order, query=request.GET),
        "tabs": [(key, label, _with(request, status=key)) for key, label in STATES],
        "status": status,
        "mine": request.GET.get("mine", ""),
        "mine_url": _with(request, mine="" if request.GET.get("mine") else "1"),
        "wide": looks_after(request.user),
        "officer": is_officer(request.user),
    }
    return render(request, "compliance/return_visits/visits.html", context, status=filters.status)


def _with(request: StaffRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _found(request: StaffRequest, public_id: UUID) -> ReturnVisit:
    rows = ReturnVisit.objects.visible_to(request.user).with_names()
    rows = rows.select_related(
        "callback__client__manager",
        "visit__outcome",
        "visit__script_version",
        "reviewed_by",
        "callback__client__branch",
        "callback__client__segment",
        "callback__employee",
        "callback__merged_into",
        "visited_by",
    )
    return get_object_or_404(rows, callback__public_id=public_id)


def _may(request: StaffRequest, row: ReturnVisit) -> dict[str, bool]:
    """Actions open to the user, by the rules that the posts check."""
    who = request.user
    actions = {
        "make": ReturnVisit.objects.editable_by(who),
        "review": ReturnVisit.objects.visible_to(who).reviewable_by(who),
        "govern": ReturnVisit.objects.visible_to(who).governed_by(who).in_state("open"),
    }
    return {name: rows.filter(pk=row.pk).exists() for name, rows in actions.items()}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Questions and form for the visitor; the recorded answers for everybody else."""
    row = _found(request, public_id)
    may = _may(request, row)
    if request.method == "POST" and not may["make"]:
        raise PermissionDenied
    if (lead := row.callback.merged_into) is not None and request.method != "POST":
        return redirect("compliance:visit", lead.public_id)
    if not may["make"]:
        return _page(request, row, may)
    version = _version(request)
    form = _form(request, row, version) if version else None
    if request.method == "POST" and form is not None and version and form.is_valid():
        try:
            services.record(return_visit=row, by=request.user, **form.content(version))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{coverage_selectors.VISITS}?mine=1")
    return _page(request, row, may, form=form, version=version)


def _version(request: StaffRequest) -> ScriptVersion | None:
    """The wording that the person had before them, else the one in force."""
    shown = request.POST.get("version", "")
    if shown.isdecimal() and len(shown) < 10:
        version = selectors.script_versions().filter(pk=int(shown)).first()
        if version is not None:
            return version
    return selectors.script_in_force()


def _form(request: StaffRequest, row: ReturnVisit, version: ScriptVersion) -> ReturnVisitForm:
    steps = list(version.steps.all())
    words = salutation.words(request.user, salutation.greeting(row.callback.client, timezone.now()))
    for step in steps:
        step.words = words
    initial = {"token": uuid.uuid4(), "version": version.pk, "channel": "phone"}
    data = request.POST if request.method == "POST" else None
    return ReturnVisitForm(data, steps=steps, initial=initial)


def _page(
    request: StaffRequest, row: ReturnVisit, may: dict[str, bool], **forms_shown: Any
) -> HttpResponse:
    """Draw the page; 422 where a form has errors."""
    client = row.callback.client
    faulty = any(isinstance(f, forms.Form) and f.errors for f in forms_shown.values())
    form = forms_shown.get("form")
    context = {
        "row": row,
        "client": client,
        "head": head(client, first_phone(client)),
        "may": may,
        "no_calls": client.refuses_call(timezone.now()) if may["make"] else "",
        "sees_client": Client.objects.visible_to(request.user).filter(pk=client.pk).exists(),
        "prompts": form.prompts if form is not None else [],
        "answers": row.visit.answers if row.visit else [],
        "steps": row.steps.select_related("employee", "visit__outcome"),
        "case": ExceptionCase.objects.visible_to(request.user).filter(visit=row.visit_id).first(),
        "reviewing": ReviewForm() if may["review"] else None,
        "assigning": AssignForm(client=client, initial={"to": row.callback.employee_id})
        if may["govern"]
        else None,
        "closing": WordsForm() if may["govern"] else None,
        **forms_shown,
    }
    return render(
        request, "compliance/return_visits/visit.html", context, status=422 if faulty else 200
    )


@never_cache
@require_POST
def dial(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The phone number of one client for its return visitor; logged before it is shown."""
    row = _found(request, public_id)
    if not _may(request, row)["make"]:
        raise PermissionDenied
    client = row.callback.client
    phone = client.phones.filter(valid_to=None).order_by("-is_primary", "id").first()
    refused = client.refuses_call(timezone.now())
    if phone is None:
        refused = _("No phone is on record. Ask the compliance officer for another way.")
    elif not refused:
        AccessLog.objects.create(
            employee=request.user,
            action=AccessLog.Action.DIAL,
            subject_type="compliance.returnvisit",
            subject_id=row.pk,
            client_id=client.pk,
            reason=f"return visit {public_id}",
        )
    context = {"callback": row, "client": client, "refused": refused, "phone": phone}
    template = "visits/contacts/_dial.html" if request.htmx else "visits/contacts/dial.html"
    response = render(request, template, context, status=409 if refused else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def review(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Accept a visit or return it; refused to the employee who made it."""
    row = _found(request, public_id)
    may = _may(request, row)
    if not may["review"]:
        raise PermissionDenied
    form = ReviewForm(request.POST)
    if form.is_valid():
        accept = form.cleaned_data["decision"] == "accept"
        words = form.cleaned_data["words"]
        try:
            services.review(return_visit=row, by=request.user, accept=accept, words=words)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = _("Accepted.") if accept else _("Sent back; it is to be visited again.")
            messages.success(request, said)
            return redirect(row)
    return _page(request, row, may, reviewing=form)


@require_POST
def assign(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Assign a return visit."""
    row = _found(request, public_id)
    may = _may(request, row)
    if not may["govern"]:
        raise PermissionDenied
    form = AssignForm(request.POST, client=row.callback.client)
    if form.is_valid():
        try:
            services.assign(return_visit=row, to=form.cleaned_data["to"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Given to %(name)s.") % {"name": form.cleaned_data["to"]})
            return redirect(row)
    return _page(request, row, may, assigning=form)


@require_POST
def close(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Close it without a visit, for a reason."""
    row = _found(request, public_id)
    may = _may(request, row)
    if not may["govern"]:
        raise PermissionDenied
    form = WordsForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["words"]
        try:
            services.close(return_visit=row, words=words, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Closed without a visit."))
            return redirect(row)
    return _page(request, row, may, closing=form)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Plan a return visit manually."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not is_officer(request.user):
        raise PermissionDenied
    form = PlanForm(request.POST or None, initial={"token": uuid.uuid4()})
    form.cancel_url = client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            made = services.plan_by_hand(client=client, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The return visit is planned."))
            return redirect(made)
    status = 422 if form.errors else 200
    context = {"client": client, "form": form}
    return render(request, "compliance/return_visits/plan.html", context, status=status)
