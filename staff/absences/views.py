"""Who is away and who stands in: one's own days, and for heads those of the branch."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.paging import paginate
from crm.trading_days import today
from staff.absences import services
from staff.absences.forms import AbsenceForm
from staff.http import StaffRequest
from staff.models import Absence


@require_safe
def absences(request: StaffRequest) -> HttpResponse:
    """Absences one may know of, the latest first."""
    rows = Absence.objects.visible_to(request.user).select_related("employee", "substitute")
    page = paginate(rows, order=("-starts_on", "-id"), query=request.GET)
    editable = Absence.objects.editable_by(request.user).filter(ends_on__gte=today())
    shown = [row.pk for row in page.items]
    context = {
        "page": page,
        "today": today(),
        "editable": set(editable.filter(pk__in=shown).values_list("pk", flat=True)),
        "may_enter": request.user.may_own_clients,
    }
    return render(request, "staff/absences/absences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enter_absence(request: StaffRequest) -> HttpResponse:
    """Enter days of one's own, or as a head those of somebody in the branch."""
    if not request.user.may_own_clients:
        raise PermissionDenied
    form = AbsenceForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            entered = services.enter(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Entered. Callbacks are planned around these days."))
            for other in services.left_alone(entered):
                messages.warning(request, _left_alone(other))
            return redirect("staff:absences")
    status = 422 if form.errors else 200
    return render(request, "staff/absences/absence.html", {"form": form}, status=status)


def _left_alone(other: Absence) -> str:
    wording = _(
        "%(name)s is away from %(first)s to %(last)s and was to be stood in for by the same person: "
        "enter these days again with another substitute."
    )
    days = {"first": other.starts_on.isoformat(), "last": other.ends_on.isoformat()}
    return wording % {"name": other.employee, **days}


@require_POST
def cancel_absence(request: StaffRequest, pk: int) -> HttpResponse:
    """Take days back that are not over."""
    rows = Absence.objects.visible_to(request.user)
    absence = get_object_or_404(rows, pk=pk)
    if not Absence.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    try:
        services.cancel(absence=absence, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Taken back. Callbacks are planned anew."))
    return redirect("staff:absences")
