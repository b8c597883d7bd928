"""The editor of a script: its steps one by one, and beside them what the manager will see."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from staff.http import StaffRequest
from visits import salutation
from visits.models import Script, ScriptVersion
from visits.permissions import may_change
from visits.scripts import editing, services
from visits.scripts.forms import Steps, initial_steps
from visits.scripts.validation import check_steps
from visits.scripts.versions import renumbered


@require_http_methods(["GET", "HEAD", "POST"])
def edit_script(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit the steps and publish them as the next version; only publishing saves anything."""
    scripts = Script.objects.filter(request.user.near).select_related("branch")
    row = get_object_or_404(scripts, pk=pk)
    if not may_change(request.user, row.branch):
        raise PermissionDenied
    if request.method != "POST":
        current = row.current
        rows = initial_steps(list(current.steps.all()) if current else [])
        context = {"form": Steps(initial=rows), "base": str(current.number if current else "")}
        return _page(request, row, rows, context)
    action = "preview" if "preview" in request.POST else request.POST.get("do", "publish")
    try:
        rows = editing.typed_rows(request.POST)
        if action in {"publish", "preview"}:
            return _checked(request, row, editing.filled(rows), publish=action == "publish")
    except ValidationError as error:
        context = {"form": Steps(initial=[editing.NEW]), "refused": error.messages}
        return _page(request, row, [], context, status=422)
    context = {}
    status = 200
    try:
        rows, context["at"] = editing.changed(rows, action)
    except ValidationError as error:
        context["refused"], status = error.messages, 409
    context["form"] = Steps(initial=rows)
    return _page(request, row, rows, context, status=status)


def _checked(
    request: StaffRequest, row: Script, rows: list[editing.Row], *, publish: bool
) -> HttpResponse:
    """Publish the rows or look at them; what is refused stands at its step."""
    if request.headers.get("HX-Target") == "preview":
        return render(request, "visits/scripts/_preview.html", _preview(request, rows))
    form: Any = Steps(editing.form_data(rows))
    context: dict[str, Any] = {"form": form}
    status = 200 if form.is_valid() else 422
    if status == 200:
        base = request.POST.get("base", "")
        try:
            made = form.steps()
            check_steps(renumbered(made), row.branch)
            if publish:
                number = int(base) if base.isdecimal() and len(base) < 6 else None
                return _published(request, services.publish(script=row, steps=made, base=number))
        except services.VersionChanged as error:
            current = row.current
            context |= {"refused": error.messages, "meanwhile": current}
            # Whoever has read this may publish over that version, knowingly.
            context["base"] = str(current.number if current else "")
            status = 409
        except ValidationError as error:
            context["refused"], status = error.messages, 422
            _at_their_steps(form, error)
    return _page(request, row, rows, context, status=status)


def _published(request: StaffRequest, version: ScriptVersion) -> HttpResponse:
    text = _("Version %(number)s is in force from now on.")
    messages.success(request, text % {"number": version.number})
    return redirect("visits:script", pk=version.script_id)


def _at_their_steps(form: Any, error: ValidationError) -> None:
    for fault in error.error_list:
        number = str(fault.code or "").removeprefix("step-")
        if number.isdecimal() and 1 <= int(number) <= len(form.forms):
            form.forms[int(number) - 1].add_error(None, fault)


def _preview(request: StaffRequest, rows: list[editing.Row]) -> dict[str, Any]:
    hello = salutation.sample(timezone.now())
    return {"hello": hello, "prompts": editing.preview(rows, request.user, hello)}


def _page(
    request: StaffRequest,
    row: Script,
    rows: list[Any],
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    given = {"script": row, "base": request.POST.get("base", ""), "wrong": status != 200}
    context = {**given, **_preview(request, rows), **context}
    return render(request, "visits/scripts/edit.html", context, status=status)
