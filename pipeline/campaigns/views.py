"""Pages of campaigns: list, file, invitations, and the end of an event."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from clients.querysets import may_record
from crm.addresses import address
from crm.paging import paginate
from crm.trading_days import today
from pipeline.campaigns import audience, selectors, services
from pipeline.campaigns.forms import CampaignForm, CancelForm, InviteForm, InviteOneForm
from pipeline.models import Campaign, Invitation
from staff.http import StaffRequest, refusal


def _to_change(request: StaffRequest, public_id: UUID) -> Campaign:
    """The campaign to change. Raises Http404 if not visible, PermissionDenied if not a head."""
    row = get_object_or_404(Campaign.objects.visible_to(request.user), public_id=public_id)
    if not Campaign.objects.editable_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    return row


def _may_head(request: StaffRequest) -> bool:
    user = request.user
    return user.is_superuser or (user.is_head and user.branch is not None)


@require_safe
def campaigns(request: StaffRequest) -> HttpResponse:
    """Campaigns with costs and results."""
    rows = Campaign.objects.visible_to(request.user).select_related("branch", "channel")
    state = request.GET.get("state", "")
    if state in Campaign.State.values:
        rows = rows.filter(state=state)
    page = paginate(rows, order=("-starts_at", "-id"), query=request.GET)
    context = {
        "page": page,
        "rows": selectors.campaign_figures(request.user, page.items),
        "states": Campaign.State.choices,
        "state": state,
        "may_head": _may_head(request),
    }
    return render(request, "pipeline/campaigns/campaigns.html", context)


@require_safe
def campaign(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The file of a campaign: its figures, and the list as far as one sees its clients."""
    rows = Campaign.objects.visible_to(request.user).select_related("branch", "channel")
    row = get_object_or_404(rows, public_id=public_id)
    shown = request.GET.get("shown", "")
    listed = selectors.invitations(request.user, row, shown)
    listed = listed.select_related("client", "client__manager")
    page = paginate(listed, order=("replied_at", "id"), query=request.GET)
    planned = row.state == Campaign.State.PLANNED
    context = {
        "campaign": row,
        "page": page,
        "shown": shown,
        "tally": selectors.tally(request.user, row),
        "taken": selectors.places_taken(row),
        "figures": selectors.campaign_figures(request.user, [row])[0]["figures"],
        "may_edit": planned
        and Campaign.objects.editable_by(request.user).filter(pk=row.pk).exists(),
        "may_record": planned and may_record(request.user),
        "has_begun": row.starts_on <= today(),
        "may_be_missed": selectors.may_be_missed(row),
    }
    return render(request, "pipeline/campaigns/campaign.html", context)


@require_http_methods(["GET", "POST"])
def create_campaign(request: StaffRequest) -> HttpResponse:
    """A new campaign of a branch that one heads."""
    if not _may_head(request):
        raise PermissionDenied
    form = CampaignForm(request.POST if request.method == "POST" else None, by=request.user)
    form.cancel_url = address("pipeline:campaigns")
    if request.method == "POST" and form.is_valid():
        made = form.save(commit=False)
        made.created_by = request.user
        made.save()
        messages.success(request, _("The campaign is planned. Invite clients next."))
        return redirect(made)
    context = {"form": form, "title": _("New campaign")}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit_campaign(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change a campaign that is still planned."""
    row = _to_change(request, public_id)
    posted = request.POST if request.method == "POST" else None
    form = CampaignForm(posted, instance=row, by=request.user)
    form.cancel_url = row.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            services.save_campaign(campaign=form.save(commit=False), version=version)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The campaign is saved."))
            return redirect(row)
    context = {"form": form, "title": _("Edit the campaign"), "campaign": row}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def invite(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """First who would be invited and who is left out; by POST they are put on the list."""
    row = _to_change(request, public_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = InviteForm(asked or None, by=request.user)
    preview = None
    if form.is_bound and form.is_valid():
        clients = audience.chosen(request.user, **form.cleaned_data)
        if request.method == "POST":
            try:
                count = services.invite(campaign=row, clients=clients, by=request.user)
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                _say_invited(request, count)
                return redirect(row)
        else:
            preview = audience.preview(row, clients)
    context = {"campaign": row, "form": form, "preview": preview, "shown": audience.SHOWN}
    refused_form = bool(form.errors) or (request.method == "POST" and not form.is_bound)
    return render(
        request, "pipeline/campaigns/invite.html", context, status=422 if refused_form else 200
    )


def _say_invited(request: StaffRequest, count: int) -> None:
    if not count:
        said = _("Nobody was added: no client matches who agrees to it and is not on the list yet.")
        messages.warning(request, said)
        return
    said = ngettext(
        "%(count)s client was put on the list.", "%(count)s clients were put on the list.", count
    )
    messages.success(request, said % {"count": count})


@require_http_methods(["GET", "POST"])
def invite_client(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Put one client on the list of a campaign, from the client's file."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    form = InviteOneForm(request.POST if request.method == "POST" else None, by=request.user)
    form.cancel_url = client.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["campaign"]
        try:
            services.invite_one(campaign=chosen, client=client, by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The client is on the list."))
            return redirect(chosen)
    context = {"form": form, "title": _("Invite to a campaign"), "client": client}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


def _invitation(request: StaffRequest, pk: int) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("campaign")
    row = get_object_or_404(rows, pk=pk)
    if not may_record(request.user):
        raise PermissionDenied
    return row


@require_POST
def reply(request: StaffRequest, pk: int) -> HttpResponse:
    """Save the reply of a client."""
    row = _invitation(request, pk)
    try:
        kept = services.reply(invitation=row, answer=request.POST.get("reply", "?"))
    except ValidationError as error:
        return refusal(request, error.messages[0], status=422)
    if kept.reply == Invitation.Reply.WAITING:
        messages.warning(request, _("All places are taken: the client is on the waiting list."))
    else:
        messages.success(request, _("The answer is kept."))
    return redirect(row.campaign)


@require_POST
def take_off(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a client off the list."""
    row = _invitation(request, pk)
    try:
        services.take_off(invitation=row)
    except ValidationError as error:
        return refusal(request, error.messages[0], status=422)
    messages.success(request, _("The client is off the list."))
    return redirect(row.campaign)


@require_POST
def hold(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The campaign took place: close it and plan the calls after it."""
    row = _to_change(request, public_id)
    try:
        count = services.hold(campaign=row, by=request.user)
    except ValidationError as error:
        return refusal(request, error.messages[0], status=422)
    said = ngettext(
        "Closed. %(count)s follow-up call is planned.",
        "Closed. %(count)s follow-up calls are planned.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect(row)


@require_http_methods(["GET", "POST"])
def cancel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Cancel a campaign and notify the managers of invited clients."""
    row = _to_change(request, public_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel(campaign=row, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The campaign is cancelled; the managers are told."))
            return redirect(row)
    context = {"form": form, "title": _("Cancel the campaign"), "campaign": row}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


@require_safe
def opened(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The accounts that a campaign's figure counts."""
    row = get_object_or_404(Campaign.objects.visible_to(request.user), public_id=public_id)
    rows = selectors.opened(request.user, row).select_related("manager")
    page = paginate(rows, order=("-opened_on", "-id"), query=request.GET)
    return render(request, "pipeline/campaigns/opened.html", {"campaign": row, "page": page})
