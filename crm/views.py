"""Whether the installation is alive, for the machine that watches it; and what is not here."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import periodic
from crm.models import Heartbeat


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Database and cache decide the status code; a late heartbeat is told but keeps 200.

    The web part works without beat, and a balancer that took it away would make things worse.
    """
    periodic.glance()
    parts: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = "ok"
        names = [part.key for part in periodic.parts]
        for beat in Heartbeat.objects.filter(name__in=names).order_by("name"):
            alive = periodic.parts[beat.name].is_alive(beat.beat_at, timezone.now())
            parts[beat.name] = "ok" if alive else "late"
    except Exception:
        parts["database"] = "failed"
    try:
        cache.set("healthz", "1", 5)
        parts["cache"] = "ok"
    except Exception:
        parts["cache"] = "failed"
    failed = "failed" in parts.values()
    return JsonResponse({"ok": not failed, **parts}, status=503 if failed else 200)


@require_safe
def not_here(request: HttpRequest) -> HttpResponse:
    """For an address that a package names and the product does not have."""
    raise Http404
