"""At the door: find a guest by name or the last digits, one tap; record whoever was not invited."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client, Lifecycle
from clients.querysets import may_record
from clients.search import matching
from crm.trading_days import today
from pipeline import campaign_figures
from pipeline import campaigns as service
from pipeline.campaigns_forms import WalkInForm
from pipeline.models import Campaign, Invitation
from pipeline.walk_ins import walk_in as record_walk_in
from staff.http import StaffRequest

HITS = 12
EXPECTED = 50


@require_safe
def check_in(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Guests that are expected, or those found by what was typed."""
    row = get_object_or_404(Campaign.objects.visible_to(request.user), public_id=public_id)
    if not may_record(request.user):
        raise PermissionDenied
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    listed = Invitation.objects.visible_to(request.user).filter(campaign=row, client=OuterRef("pk"))
    guests = Client.objects.editable_by(request.user).exclude(lifecycle=Lifecycle.CLOSED)
    guests = guests.annotate(
        answer=Subquery(listed.values("reply")[:1]),
        here=Subquery(listed.values("checked_in_at")[:1]),
    )
    guests = guests.select_related("manager").order_by("name_pinyin", "pk")
    if text:
        found = matching(guests, text)[:HITS]
    else:
        on_list = campaign_figures.invitations(request.user, row).filter(checked_in_at=None)
        on_list = on_list.exclude(reply=Invitation.Reply.NO)
        found = guests.filter(pk__in=on_list.values("client"))[:EXPECTED]
    context = {
        "campaign": row,
        "text": text,
        "guests": found,
        "came": campaign_figures.tally(request.user, row)["came"],
        "is_open": row.state == Campaign.State.PLANNED and row.starts_on <= today(),
        "is_over": row.state != Campaign.State.PLANNED,
    }
    return render(request, "pipeline/check_in.html", context)


def _campaign(request: StaffRequest, text: str) -> Campaign:
    """The campaign that a form names; 404 where there is none in sight."""
    try:
        key = UUID(text)
    except ValueError:
        raise Http404(_("No such campaign. Open check-in from the campaign's page.")) from None
    return get_object_or_404(Campaign.objects.visible_to(request.user), public_id=key)


@require_POST
def check_in_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One tap: this client is here."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    asked = request.POST.get("campaign", "")
    if not asked:
        return _sentence(_("Open check-in from the campaign's page."))
    row = _campaign(request, asked)
    try:
        service.check_in(campaign=row, client=client, by=request.user)
    except ValidationError as refused:
        return _sentence(refused.messages[0])
    messages.success(request, _("%(name)s is checked in.") % {"name": client.address})
    return redirect("pipeline:check_in", public_id=row.public_id)


@require_http_methods(["GET", "POST"])
def walk_in(request: StaffRequest) -> HttpResponse:
    """A guest who was not invited: ?campaign= says where."""
    if not may_record(request.user) or request.user.branch is None:
        raise PermissionDenied
    posted = request.method == "POST"
    asked = (request.POST if posted else request.GET).get("campaign", "")
    if not asked:
        return _sentence(_("Open check-in from the campaign's page."))
    row = _campaign(request, asked)
    first = {
        "campaign": row.public_id,
        "token": uuid.uuid4(),
        "name": request.GET.get("q", "").replace("\x00", "")[:60],
    }
    form = WalkInForm(request.POST if posted else None, initial=first)
    form.cancel_url = f"{row.get_absolute_url()}check-in/"
    form.helper_action = f"/campaigns/walk-in/?{urlencode({'campaign': str(row.public_id)})}"
    if posted and form.is_valid():
        try:
            data = form.cleaned_data
            done = record_walk_in(
                campaign=row,
                name=data["name"],
                phone=data["phone"],
                by=request.user,
                token=data["token"],
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("%(name)s is checked in.") % {"name": done.client.address})
            for sentence in done.warnings:
                messages.warning(request, sentence)
            return redirect("pipeline:check_in", public_id=row.public_id)
    context = {"form": form, "title": _("Guest without invitation"), "campaign": row}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


def _sentence(text: str) -> HttpResponse:
    return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
