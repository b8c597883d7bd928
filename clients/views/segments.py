"""Segments: who is in which, by which rule; heads and administrators change them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clients import segment_preview as reports
from clients.models import Segment
from clients.segment_forms import RuleForm
from clients.segment_rules import RuleConflict, end_rule, save_segment
from crm import panels
from staff.http import StaffRequest
from staff.models import Branch, Employee


def _near(employee: Employee) -> QuerySet[Segment]:
    rows = Segment.objects.filter(employee.near)
    return rows.select_related("branch").order_by("tier", "pk")


def _may_change(employee: Employee, branch: Branch | None) -> bool:
    """Heads change what belongs to their branches, the firm's administrators everything."""
    if employee.is_superuser or (employee.administers_firm and employee.is_head):
        return True
    if not employee.is_head or employee.branch is None or branch is None:
        return False
    return branch.path.startswith(employee.branch.path)


@never_cache
@require_safe
def segments(request: StaffRequest) -> HttpResponse:
    """Every segment with its rule in words, its clients in sight, and rules that clash."""
    rows = list(_near(request.user).prefetch_related("rules"))
    rules = {}
    for segment in rows:
        for rule in segment.rules.all():
            if rule.valid_to is None:
                rule.segment = segment
                rules[segment.pk] = rule
    held = reports.counts(request.user)
    clashes = reports.clashes(list(rules.values()))
    listed = [
        {
            "segment": segment,
            "rule": rules.get(segment.pk),
            "words": reports.in_words(rules[segment.pk]) if segment.pk in rules else "",
            "count": held.get(segment.pk, 0),
            "acts": not segment.is_default and _may_change(request.user, segment.branch),
        }
        for segment in rows
    ]
    context = {
        "rows": listed,
        "hidden": [clash for clash in clashes if clash.hidden],
        "overlaps": [clash for clash in clashes if not clash.hidden],
        "may_add": request.user.is_head or request.user.is_superuser,
    }
    return render(request, "clients/segments.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_segment(request: StaffRequest) -> HttpResponse:
    """A new segment: of one's branch, or of the firm for who administers it."""
    branch = None if request.user.administers_firm else request.user.branch
    if not _may_change(request.user, branch):
        raise PermissionDenied
    return _edit(request, None, branch)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_segment(request: StaffRequest, pk: int) -> HttpResponse:
    """Name, tier and rule; looked at before it is put in force."""
    segment = get_object_or_404(_near(request.user), pk=pk)
    if segment.is_default or not _may_change(request.user, segment.branch):
        raise PermissionDenied
    if request.method == "POST" and "end" in request.POST:
        end_rule(segment=segment)
        messages.success(request, _("The rule has ended; its clients are classified anew."))
        return redirect("clients:segments")
    return _edit(request, segment, segment.branch)


def _edit(request: StaffRequest, segment: Segment | None, branch: Branch | None) -> HttpResponse:
    rules = list(segment.rules.order_by("-valid_from", "-pk")) if segment else []
    rule = next((row for row in rules if row.valid_to is None), None)
    form = RuleForm(request.POST or None, segment=segment, rule=rule)
    shown: dict[str, Any] = {"form": form, "segment": segment, "branch": branch, "status": 200}
    shown["history"] = [(row, reports.in_words(row)) for row in rules]
    if request.method == "POST":
        shown["status"] = 422
        if form.is_valid():
            return _preview_or_apply(request, segment, branch, form, shown)
    return _page(request, shown)


def _preview_or_apply(
    request: StaffRequest,
    segment: Segment | None,
    branch: Branch | None,
    form: RuleForm,
    shown: dict[str, Any],
) -> HttpResponse:
    names = {name: form.cleaned_data[name] for name in ("name_zh", "name_en", "tier")}

    def put() -> Segment:
        return save_segment(
            segment=segment,
            branch=branch,
            names=names,
            criteria=form.criteria(),
            base=form.cleaned_data["base"],
        )

    try:
        if "apply" in request.POST:
            saved = put()
            text = _("%(segment)s is saved; the clients are being classified.")
            messages.success(request, text % {"segment": saved})
            return redirect("clients:segments")
        found = reports.preview(area=branch, viewer=request.user, put=put)
    except RuleConflict:
        form.add_error(None, _("Somebody changed this rule meanwhile: open it again."))
        return _page(request, shown | {"status": 409})
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, shown)
    drawn = panels.drawn("segment_preview", request, found)
    return _page(request, shown | {"preview": found, "panels": drawn, "status": 200})


def _page(request: StaffRequest, shown: dict[str, Any]) -> HttpResponse:
    return render(request, "clients/segment_edit.html", shown, status=shown["status"])
