"""Own addresses and quiet hours, the log of deliveries, and what escalated to a head."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.paging import paginate
from crm.trading_days import today
from staff.http import StaffRequest, refusal
from visits.models import Callback, Digest, Endpoint
from visits.notifications import digests, endpoints, reminders, tasks
from visits.notifications import quiet_hours as notifications_quiet_hours
from visits.notifications.forms import EndpointForm, QuietForm


@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: StaffRequest) -> HttpResponse:
    """One's own addresses for reminders, and a form for another; quiet hours beside."""
    own = Endpoint.objects.of(request.user)
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if own.count() >= endpoints.MOST:
            form.add_error(None, _("Five addresses are enough. Remove one first."))
        else:
            endpoints.add(employee=request.user, **form.cleaned_data)
            messages.success(request, _("Saved. Send a test message to see whether it works."))
            return redirect("visits:addresses")
    hours = notifications_quiet_hours.of(request.user)
    initial = {"quiet_from": hours[0], "quiet_to": hours[1]} if hours else None
    context = {"rows": own, "form": form, "quiet": QuietForm(initial=initial)}
    return render(
        request, "visits/notifications/addresses.html", context, status=422 if form.errors else 200
    )


@require_POST
def quiet_hours(request: StaffRequest) -> HttpResponse:
    """Keep one's own quiet hours."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        text = _("Enter both times, such as 21:00 and 08:00.")
        return refusal(request, text, status=422)
    endpoints.set_quiet(employee=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("visits:addresses")


@require_POST
def test_address(request: StaffRequest, pk: int) -> HttpResponse:
    """Have a worker send a test message; its page shows the answer."""
    row = get_object_or_404(Endpoint.objects.of(request.user), pk=pk)
    return redirect(endpoints.start_test(endpoint=row).get_absolute_url())


@require_POST
def switch_address(request: StaffRequest, pk: int) -> HttpResponse:
    """Use an address or use it no more."""
    row = get_object_or_404(Endpoint.objects.of(request.user), pk=pk)
    row.enabled = not row.enabled
    row.save(update_fields=["enabled"])
    return redirect("visits:addresses")


@require_POST
def remove_address(request: StaffRequest, pk: int) -> HttpResponse:
    """Forget an address; what was sent to it stays in the log."""
    row = get_object_or_404(Endpoint.objects.of(request.user), pk=pk)
    row.ciphertext, row.enabled, row.removed_at = b"", False, timezone.now()
    row.save(update_fields=["ciphertext", "enabled", "removed_at"])
    messages.success(request, _("Removed."))
    return redirect("visits:addresses")


@require_safe
def deliveries(request: StaffRequest) -> HttpResponse:
    """What was sent, to whom, by which channel, and why not; administrators see everybody's."""
    rows = Digest.objects.visible_to(request.user).select_related("employee", "endpoint")
    failed = request.GET.get("failed") == "1"
    if failed:
        rows = rows.filter(status=Digest.Status.FAILED)
    page = paginate(rows, order=("-id",), query=request.GET)
    return render(request, "visits/notifications/deliveries.html", {"page": page, "failed": failed})


@require_POST
def retry_delivery(request: StaffRequest, pk: int) -> HttpResponse:
    """Try a failed digest again."""
    digest = get_object_or_404(Digest.objects.visible_to(request.user), pk=pk)
    if not digests.retry(digest=digest):
        text = _("Only what has failed can be tried again.")
        return refusal(request, text)
    transaction.on_commit(tasks.deliver_digests.delay, robust=True)
    messages.success(request, _("It is being sent again."))
    return redirect("visits:deliveries")


@require_safe
def escalations(request: StaffRequest) -> HttpResponse:
    """Open callbacks of the branch that are long overdue now."""
    if not (request.user.is_head or request.user.is_superuser):
        raise PermissionDenied
    visible = Callback.objects.visible_to(request.user).select_related("client", "employee")
    rows = reminders.long_overdue(visible, on=today())
    page = paginate(rows, order=("due_on", "id"), query=request.GET)
    return render(request, "visits/notifications/escalations.html", {"page": page})
