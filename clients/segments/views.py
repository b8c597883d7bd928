"""Pages of segments and their rules, changed by heads and administrators."""

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

from clients.models import Segment, SegmentRule
from clients.segments import preview
from clients.segments.conflicts import Clash, clashes
from clients.segments.forms import RuleForm
from clients.segments.history import versions
from clients.segments.preview import Draft
from clients.segments.services import RuleConflict, end_rule, save_segment
from crm import panels
from staff.http import StaffRequest
from staff.models import Branch, Employee


def _near(employee: Employee) -> QuerySet[Segment]:
    rows = Segment.objects.filter(employee.near)
    return rows.select_related("branch").order_by("tier", "pk")


def _may_change(employee: Employee, branch: Branch | None) -> bool:
    """Whether the user may change the segment: heads of its branch, administrators all."""
    if employee.is_superuser or (employee.administers_firm and employee.is_head):
        return True
    if not employee.is_head or employee.branch is None or branch is None:
        return False
    return branch.path.startswith(employee.branch.path)


@never_cache
@require_safe
def segments(request: StaffRequest) -> HttpResponse:
    """Every segment with its rule as text, number of visible clients, and conflicts."""
    rows = list(_near(request.user).prefetch_related("rules"))
    rules = {}
    for segment in rows:
        for rule in segment.rules.all():
            if rule.valid_to is None:
                rule.segment = segment
                rules[segment.pk] = rule
    held = preview.counts(request.user)
    conflicts = clashes(list(rules.values()))
    listed = [
        {
            "segment": segment,
            "rule": rules.get(segment.pk),
            "words": preview.in_words(rules[segment.pk]) if segment.pk in rules else "",
            "count": held.get(segment.pk, 0),
            "acts": not segment.is_default and _may_change(request.user, segment.branch),
        }
        for segment in rows
    ]
    context = {
        "rows": listed,
        "hidden": [clash for clash in conflicts if clash.hidden],
        "overlaps": [clash for clash in conflicts if not clash.hidden],
        "may_add": request.user.is_head or request.user.is_superuser,
    }
    return render(request, "clients/segments/segments.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_segment(request: StaffRequest) -> HttpResponse:
    """Add a segment of the user's branch; administrators add one of the firm."""
    branch = None if request.user.administers_firm else request.user.branch
    if not _may_change(request.user, branch):
        raise PermissionDenied
    return _edit(request, None, branch)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_segment(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit name, tier and rule, with a preview before they are in force."""
    segment = get_object_or_404(_near(request.user), pk=pk)
    if segment.is_default or not _may_change(request.user, segment.branch):
        raise PermissionDenied
    return _edit(request, segment, segment.branch)


def _edit(request: StaffRequest, segment: Segment | None, branch: Branch | None) -> HttpResponse:
    rule = segment.rules.filter(valid_to=None).first() if segment else None
    ends = segment is not None and "end" in request.POST
    posted = None if ends else request.POST or None
    form = RuleForm(posted, segment=segment, rule=rule, near=_near(request.user))
    shown: dict[str, Any] = {"form": form, "segment": segment, "branch": branch, "status": 200}
    shown |= {"rule": rule, "history": versions(segment) if segment else []}
    if request.method != "POST":
        return _page(request, shown)
    if not ends and not form.is_valid():
        return _page(request, shown | {"status": 422})
    if not ends:
        names = {name: form.cleaned_data[name] for name in ("name_zh", "name_en", "tier")}
        draft = Draft(
            Segment(pk=segment.pk if segment else preview.NEW, branch=branch, **names),
            form.criteria(),
        )
    elif segment is not None:
        draft = Draft(segment, None)
    return _preview_or_apply(request, segment, draft, shown)


def _preview_or_apply(
    request: StaffRequest, segment: Segment | None, draft: Draft, shown: dict[str, Any]
) -> HttpResponse:
    """Apply a draft that was previewed; preview any other."""
    rule = shown["rule"]
    base = request.POST.get("base", "")
    if base != str(rule.pk if rule else 0):
        return _conflict(request, shown)
    seen = draft.seal(rule)
    if "apply" in request.POST and request.POST.get("seen") == seen:
        try:
            return _put(request, segment, draft, int(base), shown["form"])
        except RuleConflict:
            return _conflict(request, shown)
        except ValidationError as error:
            return _page(request, shown | {"fault": " ".join(error.messages), "status": 422})
    effect = preview.preview(area=shown["branch"], viewer=request.user, draft=draft)
    shown |= {"preview": effect, "seen": seen, "ends": draft.criteria is None}
    shown["clashes"] = _clashes(request.user, draft)
    shown["panels"] = panels.contexts("segment_preview", request, effect)
    if "apply" in request.POST:
        shown |= {"fault": _("This was changed since the preview: look at it anew.")}
    return _page(request, shown | {"status": 422 if "apply" in request.POST else 200})


def _put(
    request: StaffRequest, segment: Segment | None, draft: Draft, base: int, form: RuleForm
) -> HttpResponse:
    if draft.criteria is None:
        end_rule(segment=draft.segment, base=base)
        messages.success(request, _("The rule has ended; its clients are classified anew."))
        return redirect("clients:segments")
    saved = save_segment(
        segment=segment,
        branch=draft.segment.branch,
        names={name: getattr(draft.segment, name) for name in ("name_zh", "name_en", "tier")},
        criteria=draft.criteria,
        base=base,
        by=request.user,
        like=form.cleaned_data.get("like"),
    )
    text = _("%(segment)s is saved; the clients are being classified.")
    messages.success(request, text % {"segment": saved})
    return redirect("clients:segments")


def _conflict(request: StaffRequest, shown: dict[str, Any]) -> HttpResponse:
    fault = _("Somebody changed this rule meanwhile: open it again.")
    return _page(request, shown | {"fault": fault, "status": 409})


def _clashes(employee: Employee, draft: Draft) -> list[Clash]:
    """Conflicts of the draft with other rules."""
    others = SegmentRule.objects.filter(segment__in=_near(employee), valid_to=None)
    rules = list(others.exclude(segment=draft.segment.pk).select_related("segment__branch"))
    conflicts = clashes([*rules, *([draft.rule] if draft.rule else [])])
    return [clash for clash in conflicts if clash.concerns(draft.segment)]


def _page(request: StaffRequest, shown: dict[str, Any]) -> HttpResponse:
    return render(request, "clients/segments/edit.html", shown, status=shown["status"])
