"""Imports of monthly figures: upload, check, load, and the report of differences."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.figures import job
from clients.figures.forms import FiguresForm
from clients.figures.report import differences, lines, size, tallies
from clients.models import FigureDifference, FigureImport
from clients.querysets import may_import_figures, reconciled_branches
from crm.paging import paginate
from staff.http import StaffRequest, refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: StaffRequest) -> HttpResponse:
    """The imports within reach, and the upload of the next file; it is checked first."""
    reports = FigureImport.objects.visible_to(request.user)
    acts = may_import_figures(request.user)
    if not acts and (request.method == "POST" or reconciled_branches(request.user) == []):
        raise PermissionDenied
    form = FiguresForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        started = job.check(
            file=data["file"],
            name=data["file"].name,
            mapping=data["mapping"],
            as_of=data["as_of"],
            own_mapping=data["own_mapping"],
            by=request.user,
        )
        return redirect(started.get_absolute_url())
    page = paginate(reports.select_related("by"), order=("-id",), query=request.GET)
    context = {"page": page, "form": form if acts else None}
    status = 422 if form.errors else 200
    return render(request, "clients/figures/figure_imports.html", context, status=status)


@never_cache
@require_safe
def report(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One reconciliation report: counts, then the differences of one kind."""
    visible = FigureImport.objects.visible_to(request.user).select_related("by", "branch")
    found = get_object_or_404(visible, public_id=public_id)
    counted = tallies(found)
    kinds = [tally.kind for tally in counted if tally.kind and tally.count]
    kind = request.GET.get("kind", "")
    kind = kind if kind in FigureDifference.Kind.values else next(iter(kinds), "")
    rows = differences(found, kind, request.user)
    page = paginate(rows, order=("id",), query=request.GET, size=size(rows))
    may_load = FigureImport.objects.startable_by(request.user).filter(pk=found.pk).exists()
    was_loaded = found.dry_run and job.is_loaded(found)
    context = {
        "report": found,
        "rows_read": f"{found.rows:,}",
        "tallies": counted,
        "kind": kind,
        "kind_label": FigureDifference.Kind(kind).label if kind else "",
        "page": page,
        "lines": lines(page.items, request.user),
        "may_load": may_load and not was_loaded,
        "was_loaded": was_loaded,
    }
    return render(request, "clients/figures/figure_import.html", context)


@require_POST
def load(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Load the file of a dry run; only the employee who ran the check may do so."""
    visible = FigureImport.objects.visible_to(request.user)
    figure_import = get_object_or_404(visible, public_id=public_id)
    if not FigureImport.objects.startable_by(request.user).filter(pk=figure_import.pk).exists():
        raise PermissionDenied
    try:
        started = job.load(report=figure_import, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return redirect(started.get_absolute_url())
