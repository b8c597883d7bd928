"""Pages of quick capture, and of the QR codes of the public form."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from crm.addresses import address
from pipeline.capture import qr_codes, services
from pipeline.capture.forms import CaptureForm, LinkForm
from pipeline.capture.prospect_types import guides
from pipeline.models import CaptureLink
from staff.http import StaffRequest
from visits.models import Callback

_PAGE = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(_PAGE)
def capture(request: StaffRequest) -> HttpResponse:
    """Take down a prospect; after it, the call is one tap away."""
    visible = Client.objects.visible_to(request.user)
    if not request.user.may_own_clients:
        raise PermissionDenied
    form = CaptureForm(request.POST or None, employee=request.user)
    doubled = None
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        if twice := visible.filter(public_id=token).first():
            return _captured(twice)
        try:
            taken = _take_down(request, form, token)
        except services.Doubled:
            doubled = services.doubles(form.cleaned_data["phone"], request.user)
        else:
            if taken is not None:
                return _captured(taken)
    context = {
        "form": form,
        "doubles": doubled,
        "guides": guides(),
        "chosen": form["prospect_type"].value() or "",
        "more_open": form.more_open,
        "done": _done(request),
    }
    status = 409 if doubled else 422 if form.errors else 200
    return render(request, "pipeline/capture/capture.html", context, status=status)


def _take_down(request: StaffRequest, form: CaptureForm, token: UUID) -> Client | None:
    """The new prospect; ``None`` if the form has errors. Raises Doubled."""
    try:
        with transaction.atomic():
            taken = services.take_down(
                employee=request.user,
                phone=form.cleaned_data["phone"],
                values=form.values(),
                origin=form.origin(),
                agreed=form.consent(),
                token=token,
                another=form.cleaned_data["another"],
            )
    except ValidationError as error:
        form.add_error(None, list(error.messages))
        return None
    except (IntegrityError, services.Doubled) as error:
        # The same form arrived twice at the same moment, and the other one was first.
        twice = Client.objects.visible_to(request.user).filter(public_id=token).first()
        if twice is None and "public_id" not in str(error):
            raise
        if twice is None:
            form.add_error(None, _("This form is out of date: open it again."))
        return twice
    for sentence in taken.warnings:
        messages.warning(request, sentence)
    return taken.client


def _captured(client: Client) -> HttpResponse:
    return redirect(f"{address('pipeline:capture')}?done={client.public_id}")


def _done(request: StaffRequest) -> dict[str, object] | None:
    """The prospect captured last, with the first call."""
    try:
        key = UUID(request.GET.get("done", ""))
    except ValueError:
        return None
    client = Client.objects.visible_to(request.user).filter(public_id=key).first()
    if client is None or request.method == "POST":
        return None
    calls = Callback.objects.visible_to(request.user).filter(client=client, status="open")
    return {"client": client, "call": calls.order_by("due_on", "pk").first()}


@never_cache
@require_http_methods(_PAGE)
def qr(request: StaffRequest) -> HttpResponse:
    """The user's own QR codes: list, print, create."""
    own = CaptureLink.objects.visible_to(request.user).select_related("channel", "campaign")
    if not request.user.may_own_clients or request.user.branch is None:
        raise PermissionDenied
    form = LinkForm(request.POST or None, employee=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = qr_codes.make(employee=request.user, **form.choices())
        except ValidationError as error:
            form.add_error(None, list(error.messages))
        else:
            return redirect(f"{address('pipeline:qr')}?code={made.pk}")
    rows = list(qr_codes.still_open(own))
    shown = next((row for row in rows if str(row.pk) == request.GET.get("code")), None)
    shown = shown or (rows[0] if rows else None)
    context = {
        "form": form,
        "rows": rows,
        "shown": shown,
        "url": qr_codes.url_of(shown) if shown else "",
        "drawing": qr_codes.drawing(shown) if shown else "",
        "came": shown.entries.filter(known=False).count() if shown else 0,
    }
    return render(request, "pipeline/capture/qr.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_qr(request: StaffRequest, pk: int) -> HttpResponse:
    """A code that was lost or is over: its form closes at once."""
    link = get_object_or_404(CaptureLink.objects.visible_to(request.user), pk=pk)
    qr_codes.revoke(link)
    messages.success(request, _("The code is dead: its form no longer opens."))
    return redirect("pipeline:qr")
