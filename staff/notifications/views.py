"""The inbox of notifications and the bell."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crm import panels, periodic
from crm.paging import paginate
from staff.http import StaffRequest, local
from staff.notifications.bell import bell


@require_GET
def notifications(request: StaffRequest) -> HttpResponse:
    """The inbox, newest first."""
    own = request.user.notifications.all()
    page = paginate(own, order=("-created_at", "-id"), query=request.GET)
    actions = panels.contexts("inbox_actions", request, request.user)
    context = {"page": page, "panels": actions}
    return render(request, "staff/notifications/notifications.html", context)


@require_POST
def open_notification(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to what it is about."""
    notification = get_object_or_404(request.user.notifications, pk=pk)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return redirect(local(request, notification.url) or "staff:notifications")


@require_POST
def mark_all_read(request: StaffRequest) -> HttpResponse:
    """Mark the whole inbox as read."""
    request.user.notifications.filter(read_at=None).update(read_at=timezone.now())
    return redirect("staff:notifications")


@require_GET
def unread(request: StaffRequest) -> HttpResponse:
    """What the bell asks for; 304 where it knows already."""
    periodic.glance()
    found = bell(request.user)
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponse(status=304, headers={"ETag": found.etag})
    answer = JsonResponse(found.answer(request.user))
    answer["ETag"] = found.etag
    return answer
