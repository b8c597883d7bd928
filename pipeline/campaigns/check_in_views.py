"""Check-in pages: find a guest by name or last digits; record guests who were not invited."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from clients.querysets import may_record
from crm.addresses import address
from crm.trading_days import today
from pipeline.campaigns import check_in as campaigns_check_in
from pipeline.campaigns import services
from pipeline.campaigns.forms import WalkInForm
from pipeline.campaigns.walk_ins import WalkIn
from pipeline.campaigns.walk_ins import walk_in as record_walk_in
from pipeline.capture.services import Doubled, Doubles
from pipeline.models import Campaign, Invitation
from staff.http import StaffRequest, refusal

HITS = 12
EXPECTED = 50
ARRIVED = 5


@require_safe
def check_in(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Expected guests, or those that match the search."""
    row = get_object_or_404(Campaign.objects.visible_to(request.user), public_id=public_id)
    if not may_record(request.user):
        raise PermissionDenied
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    rows = campaigns_check_in.listed(request.user, row, text)
    if text:
        guests = rows.order_by("name_pinyin", "pk")[:HITS]
    else:
        expected = rows.filter(answer__isnull=False, here=None).exclude(answer=Invitation.Reply.NO)
        guests = expected.order_by("name_pinyin", "pk")[:EXPECTED]
    here = campaigns_check_in.listed(request.user, row).filter(here__isnull=False)
    context = {
        "campaign": row,
        "text": text,
        "guests": guests,
        "came": here.count(),
        "arrived": [] if text else here.order_by("-here", "pk")[:ARRIVED],
        "is_open": row.state == Campaign.State.PLANNED and row.starts_on <= today(),
        "is_over": row.state != Campaign.State.PLANNED,
    }
    return render(request, "pipeline/campaigns/check_in.html", context)


def _campaign(request: StaffRequest, text: str) -> Campaign:
    """The campaign of a form. Raises Http404 if it is not visible."""
    try:
        key = UUID(text)
    except ValueError:
        raise Http404(_("No such campaign. Open check-in from the campaign's page.")) from None
    return get_object_or_404(Campaign.objects.visible_to(request.user), public_id=key)


def _guest(request: StaffRequest, public_id: UUID) -> tuple[Client, Campaign | None]:
    """The client and the campaign of a posted form; all invited guests may be checked in."""
    visible = Client.objects.visible_to(request.user)
    asked = request.POST.get("campaign", "")
    row = _campaign(request, asked) if asked else None
    reach = (
        campaigns_check_in.guests(request.user, row)
        if row
        else Client.objects.editable_by(request.user)
    )
    client = reach.filter(public_id=public_id).first()
    if client is None:
        get_object_or_404(visible, public_id=public_id)
        raise PermissionDenied
    return client, row


@require_POST
def check_in_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One tap: this client is here."""
    client, row = _guest(request, public_id)
    if row is None:
        return refusal(request, _("Open check-in from the campaign's page."), status=422)
    try:
        services.check_in(campaign=row, client=client, by=request.user)
    except ValidationError as refused:
        return refusal(request, refused.messages[0], status=422)
    messages.success(request, _("%(name)s is checked in.") % {"name": client.salutation})
    return redirect("pipeline:check_in", public_id=row.public_id)


@require_POST
def check_out_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The tap was a mistake: this client is not here."""
    client, row = _guest(request, public_id)
    if row is None:
        return refusal(request, _("Open check-in from the campaign's page."), status=422)
    try:
        campaigns_check_in.check_out(campaign=row, client=client)
    except ValidationError as refused:
        return refusal(request, refused.messages[0], status=422)
    messages.success(request, _("%(name)s is no longer checked in.") % {"name": client.salutation})
    return redirect("pipeline:check_in", public_id=row.public_id)


@require_http_methods(["GET", "POST"])
def walk_in(request: StaffRequest) -> HttpResponse:
    """Check in a guest who was not invited; ``?campaign=`` is the event."""
    if not may_record(request.user) or request.user.branch is None:
        raise PermissionDenied
    posted = request.method == "POST"
    asked = (request.POST if posted else request.GET).get("campaign", "")
    if not asked:
        return refusal(request, _("Open check-in from the campaign's page."), status=422)
    row = _campaign(request, asked)
    first = {
        "campaign": row.public_id,
        "token": uuid.uuid4(),
        "name": request.GET.get("q", "").replace("\x00", "")[:60],
    }
    form = WalkInForm(request.POST if posted else None, initial=first)
    form.cancel_url = address("pipeline:check_in", row.public_id)
    query = urlencode({"campaign": str(row.public_id)})
    form.helper_action = f"{address('pipeline:walk_in')}?{query}"
    done, doubled = _walk_in(request, row, form) if posted and form.is_valid() else (None, None)
    if done is not None:
        messages.success(request, _("%(name)s is checked in.") % {"name": done.client.salutation})
        for sentence in done.warnings:
            messages.warning(request, sentence)
        return redirect("pipeline:check_in", public_id=row.public_id)
    context = {"form": form, "campaign": row, "doubles": doubled}
    status = 409 if doubled else 422 if form.errors else 200
    return render(request, "pipeline/campaigns/walk_in.html", context, status=status)


def _walk_in(
    request: StaffRequest, row: Campaign, form: WalkInForm
) -> tuple[WalkIn | None, Doubles | None]:
    """The checked-in guest; else holders of the number, or errors in the form."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            return record_walk_in(
                campaign=row,
                name=data["name"],
                phone=data["phone"],
                by=request.user,
                token=data["token"],
                another=data["another"],
            ), None
    except ValidationError as refused:
        form.add_error(None, refused)
    except IntegrityError as error:
        if "public_id" not in str(error):
            raise
        form.add_error(None, _("This form is out of date: open it again."))
    except Doubled:
        form.asks_another = True
        return None, campaigns_check_in.doubles(request.user, row, data["phone"])
    return None, None
