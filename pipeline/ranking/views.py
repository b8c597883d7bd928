"""Pages of the ranking: the list, the explanation of a rank, rates and trainings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.querysets import may_record
from crm.addresses import address
from crm.paging import paginate
from crm.trading_days import today
from pipeline.models import Opportunity, RankingModel, RankingScore, RankingWeights, Stage
from pipeline.ranking import features, listing, reports, scorecard, scoring, services
from pipeline.ranking.forms import OverrideForm, WeightsForm
from staff.http import StaffRequest
from staff.models import Branch, Employee
from staff.scope_filter import ScopeFilter


def _open(request: StaffRequest, public_id: UUID) -> Opportunity:
    rows = Opportunity.objects.visible_to(request.user).filter(state=Stage.Kind.OPEN)
    rows = rows.select_related("client", "client__branch", "stage", "ranking", "ranking__model")
    return get_object_or_404(rows, public_id=public_id)


@require_safe
def contact_next(request: StaffRequest) -> HttpResponse:
    """Every open opportunity in sight, ranked, each factor with its reason."""
    rows = RankingScore.objects.visible_to(request.user)
    rows = rows.filter(opportunity__state=Stage.Kind.OPEN)
    filters = ScopeFilter(request.GET, request.user)
    rows = filters.narrow_scope(rows, "opportunity__manager", "branch")
    named = rows.values_list(*listing.COLUMNS, named=True)
    page = paginate(named, order=listing.ORDER, query=request.GET)
    context = {
        "page": page,
        "lines": [listing.line(row) for row in page.items],
        "filters": filters,
        "shows_manager": filters.chosen_manager is None and request.user.branch_scope != [],
        "reads_ranking": _reads(request.user),
    }
    return render(request, "pipeline/ranking/next.html", context, status=filters.status)


@require_http_methods(["GET", "HEAD", "POST"])
def next_why(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Each factor of one opportunity in full; a person may put it first or last, with a reason."""
    opportunity = _open(request, public_id)
    may = may_record(request.user)
    if request.method == "POST" and not may:
        raise PermissionDenied
    form = OverrideForm(request.POST or None)
    form.cancel_url = address("pipeline:next")
    if request.method == "POST" and form.is_valid():
        try:
            services.override(opportunity=opportunity, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The rank is set by hand until that day."))
            return redirect(request.path)
    context = _explained(opportunity) | {"form": form if may else None}
    status = 422 if form.errors else 200
    return render(request, "pipeline/ranking/next_why.html", context, status=status)


def _explained(opportunity: Opportunity) -> dict[str, Any]:
    """The stored factors as text, with the points of the model if it gave the probability."""
    score = getattr(opportunity, "ranking", None)
    labels = {feature.name: feature.label for feature in features.FEATURES}
    counted: list[Any] = []
    if score is not None and score.model is not None:
        point_rows = scorecard.counted(score.model.card, score.facts)
        counted = [
            (labels[name], listing.value_words(name, value), points)
            for name, value, points in point_rows
            if name in labels
        ]
    overrides = list(opportunity.ranking_overrides.select_related("by", "ended_by"))
    return {
        "opportunity": opportunity,
        "score": score,
        "weights": services.weights_of(opportunity.client.branch),
        "capital_from": listing.capital_words(score.capital_from) if score else "",
        "timing_words": listing.timing_words(score.timing_why, score.timing_days) if score else "",
        "type": listing.type_words(opportunity.client.prospect_type),
        "percent": round(100 * score.probability, 1) if score else None,
        "rate": f"{100 * score.rate:.1f} %" if score else "",
        "counted": counted[:6],
        "overrides": overrides,
        "in_force": any(row.ended_at is None and row.until >= today() for row in overrides),
    }


@require_POST
def next_release(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Let the factors decide again."""
    opportunity = _open(request, public_id)
    if not may_record(request.user):
        raise PermissionDenied
    services.end_override(opportunity=opportunity, by=request.user)
    messages.success(request, _("The factors decide again."))
    return redirect("pipeline:next_why", public_id)


def _reads(employee: Employee) -> bool:
    """Whether the employee is a head or has the scope of a branch or the firm."""
    return employee.is_superuser or employee.branch_scope != []


def _own_branch(employee: Employee) -> Branch | None:
    """Whose weights a head sets: the firm's (none) or those of the own branch."""
    return None if employee.administers_firm else employee.branch


@require_http_methods(["GET", "HEAD", "POST"])
def ranking(request: StaffRequest) -> HttpResponse:
    """Rates with counts, trainings with their evaluation, and the weights, set by heads."""
    if not _reads(request.user):
        raise PermissionDenied
    may = request.user.is_head or request.user.is_superuser
    if request.method == "POST" and not may:
        raise PermissionDenied
    branch = _own_branch(request.user)
    held = services.weights_of(branch)
    initial = {name: getattr(held, name) for name in ("capital", "probability", "timing")}
    form = WeightsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_weights(branch=branch, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _in_force(branch))
            return redirect("pipeline:ranking")
    context = _learnt() | {"form": form if may else None, "held": held, "branch": branch}
    context["history"] = RankingWeights.objects.filter(branch=branch).select_related("by")[:10]
    status = 422 if form.errors else 200
    return render(request, "pipeline/ranking/ranking.html", context, status=status)


def _in_force(branch: Branch | None) -> str:
    """What has been done with new weights: the whole firm takes longer than a page may."""
    if branch is None:
        return _("The weights are in force; the lists are ranked anew within a few minutes.")
    return _("The weights are in force and the list is ranked anew.")


def _learnt() -> dict[str, Any]:
    models = list(RankingModel.objects.all()[:10])
    last = models[0] if models else None
    used = scoring.model_in_use(today())
    firm, kinds = reports.tables()
    return {
        "firm": firm,
        "kinds": kinds,
        "types": [listing.type_words(key) for key in reports.TYPES],
        "models": models,
        "last": last,
        "in_use": used is not None,
        "verdict": reports.verdict(last, used is not None, today()),
        "points": reports.points(last) if last else [],
        "barred": reports.grounds(sorted(features.barred(today()))),
    }
