"""Coverage of return visits per branch and year, against the clients of the year's end."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance.coverage import new_accounts as accounts
from compliance.coverage import selectors
from compliance.coverage.filters import YEARS, NewAccountFilter, YearEndFilter
from compliance.models import YearEnd, YearEndClient
from compliance.querysets import looks_after
from crm import trading_days
from crm.paging import paginate
from staff.http import StaffRequest


@require_safe
def coverage(request: StaffRequest) -> HttpResponse:
    """A line for each branch; each figure opens its list."""
    if not looks_after(request.user):
        raise PermissionDenied
    known = selectors.years()
    today = trading_days.today()
    year = _year(request.GET.get("year") or str(today.year))
    context = {
        "year": year,
        "years": sorted({*known, today.year, year}, reverse=True),
        "frozen": YearEnd.objects.filter(year=year - 1).first(),
        "lines": selectors.coverage(request.user, year),
        "rules": selectors.rules(),
    }
    return render(request, "compliance/coverage/coverage.html", context)


def _year(asked: str) -> int:
    """The year of the address. Raises Http404 for one without figures."""
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else 0
    if not YEARS[0] <= year <= YEARS[1]:
        raise Http404(_("There is no such year."))
    return year


@require_safe
def clients(request: StaffRequest, year: int) -> HttpResponse:
    """The clients behind a figure of a year's coverage."""
    if not looks_after(request.user):
        raise PermissionDenied
    _year(str(year))
    frozen = get_object_or_404(YearEnd, year=year - 1)
    filters = YearEndFilter(request.GET, request.user)
    rows = filters.of_year(YearEndClient.objects.visible_to(request.user), year)
    rows = rows.filter(year_end=frozen).select_related("client", "branch")
    page = paginate(rows, order=("id",), query=request.GET)
    context = {"year": year, "frozen": frozen, "filters": filters, "page": page}
    return render(request, "compliance/coverage/year_end.html", context, status=filters.status)


@require_safe
def new_accounts(request: StaffRequest, year: int) -> HttpResponse:
    """The clients behind a figure of the accounts opened in a year."""
    if not looks_after(request.user):
        raise PermissionDenied
    _year(str(year))
    filters = NewAccountFilter(request.GET, request.user)
    share = filters.values.get("share") or "opened"
    rows = filters.narrow(accounts.clients(request.user, year, share)).select_related("branch")
    page = paginate(rows, order=("opened_on", "id"), query=request.GET)
    context = {
        "year": year,
        "filters": filters,
        "page": page,
        "listed": accounts.with_visits(request.user, page.items),
    }
    return render(request, "compliance/coverage/new_accounts.html", context, status=filters.status)
