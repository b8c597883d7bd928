"""Conversion: shares between stages, durations, and reasons for losing."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.trading_days import today
from dashboards.conversion.charts import charts
from dashboards.conversion.filters import ConversionFilter
from dashboards.conversion.selectors import conversion as figures_of
from pipeline.models import OpportunityKind
from staff.http import StaffRequest


@require_safe
def conversion(request: StaffRequest) -> HttpResponse:
    """Funnel, durations, losses and months of the opportunities chosen by the address."""
    viewer = request.user
    if not viewer.reads_figures:
        raise PermissionDenied
    filters = ConversionFilter(request.GET, viewer)
    figures = figures_of(filters)
    context = {
        "page": figures,
        "charts": charts(figures),
        "filters": filters,
        "kinds": OpportunityKind.choices,
        "enough": filters.enough,
        "day": today(),
    }
    return render(request, "dashboards/conversion/conversion.html", context, status=filters.status)
