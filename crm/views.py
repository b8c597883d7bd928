"""Whether the installation is alive, for the machine that watches it; and what is not here."""

from datetime import timedelta
from importlib import import_module

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.models import Heartbeat

# Beat ticks every minute; three missed ticks are no hiccup.
LATE_AFTER = timedelta(minutes=3)
PARTS = ("beat", "worker", "planning", "dispatch", "classification")
NIGHTLY_LATE_AFTER = timedelta(hours=26)
NIGHTLY = frozenset({"classification"})


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Database and cache decide the status code; a late heartbeat is told but keeps 200.

    The web part works without beat, and a balancer that took it away would make things worse.
    """
    import_module("staff.watch").glance()
    parts: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = "ok"
        for beat in Heartbeat.objects.filter(name__in=PARTS).order_by("name"):
            age = NIGHTLY_LATE_AFTER if beat.name in NIGHTLY else LATE_AFTER
            now = timezone.now()
            # Far in the future: a clock ran ahead, and nobody wrote since.
            fresh = now - age < beat.beat_at < now + LATE_AFTER
            parts[beat.name] = "ok" if fresh else "late"
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
