"""Pages of channels: list with results, a day's work, and the leads behind figures."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.querysets import may_record
from crm.addresses import address
from crm.paging import Page, paginate
from crm.trading_days import today
from pipeline.channels import services
from pipeline.channels.forms import ChannelForm, EntryForm
from pipeline.models import Campaign, Channel, ChannelEntry, Lead
from pipeline.period import Period, period_of
from staff.http import StaffRequest
from staff.scope_filter import ScopeFilter


def may_head(request: StaffRequest) -> bool:
    """Whether the person makes and changes channels and campaigns."""
    user = request.user
    return user.is_superuser or (user.is_head and user.branch is not None)


@require_safe
def channels(request: StaffRequest) -> HttpResponse:
    """Channels with their figures of a period."""
    rows = Channel.objects.visible_to(request.user).select_related("branch")
    period, closed = period_of(request.GET), request.GET.get("closed") == "1"
    page = paginate(rows.filter(is_active=not closed), order=("name", "id"), query=request.GET)
    figures = services.channel_figures(request.user, page.items, period)
    context = {
        "page": page,
        "figures": figures,
        "enough": figures[0].enough if figures else 0,
        "period": period,
        "closed": closed,
        "may_head": may_head(request),
        "may_record": may_record(request.user),
    }
    return render(request, "pipeline/channels/channels.html", context)


@require_safe
def channel(request: StaffRequest, pk: int) -> HttpResponse:
    """One channel: its work entry by entry, and the campaigns whose cost it carries."""
    row = get_object_or_404(Channel.objects.visible_to(request.user), pk=pk)
    period = period_of(request.GET)
    entries = ChannelEntry.objects.visible_to(request.user).filter(
        channel=row, on__range=(period.since, period.until)
    )
    page = paginate(entries.select_related("employee"), order=("-on", "-id"), query=request.GET)
    context = {
        "channel": row,
        "figures": services.channel_figures(request.user, [row], period)[0],
        "period": period,
        "page": page,
        "campaigns": services.campaigns_in(request.user, row, period),
        "may_edit": Channel.objects.editable_by(request.user).filter(pk=row.pk).exists(),
        "may_record": may_record(request.user),
    }
    return render(request, "pipeline/channels/channel.html", context)


@require_http_methods(["GET", "POST"])
def create_channel(request: StaffRequest) -> HttpResponse:
    """A new channel of a branch that one heads."""
    if not may_head(request):
        raise PermissionDenied
    return _channel_form(request, Channel(), _("New channel"))


@require_http_methods(["GET", "POST"])
def edit_channel(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a channel."""
    row = get_object_or_404(Channel.objects.visible_to(request.user), pk=pk)
    if not Channel.objects.editable_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    return _channel_form(request, row, _("Edit the channel"))


def _channel_form(request: StaffRequest, row: Channel, title: str) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = ChannelForm(posted, instance=row, by=request.user)
    form.cancel_url = row.get_absolute_url() if row.pk else address("pipeline:channels")
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("The channel is saved."))
        return redirect("pipeline:channel", pk=saved.pk)
    context = {"form": form, "title": title, "channel": row if row.pk else None}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)


@require_POST
def close_channel(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a channel that was never used; close one in use."""
    row = get_object_or_404(Channel.objects.visible_to(request.user), pk=pk)
    if not Channel.objects.editable_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    if services.close_or_delete(channel=row):
        messages.success(request, _("The channel is deleted."))
    else:
        messages.success(request, _("The channel is in use, so it was closed and its rows stay."))
    return redirect("pipeline:channels")


@require_http_methods(["GET", "POST"])
def enter_work(request: StaffRequest) -> HttpResponse:
    """Enter today's work in a channel."""
    if not may_record(request.user) or request.user.branch is None:
        raise PermissionDenied
    asked = request.GET.get("channel", "")
    known = Channel.objects.visible_to(request.user).filter(is_active=True)
    chosen = known.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else None
    row = ChannelEntry(employee=request.user, on=today(), channel=chosen)
    return _entry_form(request, row, _("Work in a channel"))


@require_http_methods(["GET", "POST"])
def edit_work(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct an own entry."""
    row = get_object_or_404(ChannelEntry.objects.visible_to(request.user), pk=pk)
    if not ChannelEntry.objects.editable_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    return _entry_form(request, row, _("Correct the entry"))


def _entry_form(request: StaffRequest, row: ChannelEntry, title: str) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = EntryForm(posted, instance=row, by=request.user)
    form.cancel_url = address("pipeline:channels")
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.enter_work(entry=form.save(commit=False))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The work is entered."))
            return redirect("pipeline:channel", pk=saved.channel_id)
    status = 422 if form.errors else 200
    return render(request, "pipeline/sheet.html", {"form": form, "title": title}, status=status)


@require_safe
def leads(request: StaffRequest) -> HttpResponse:
    """The leads that a figure counts: ?channel=, ?campaign=, and a period.

    ``opened=1``: those of the period that have opened an account so far; ``opened=then``: those
    whose account was opened in the period, whenever they were taken down.
    """
    rows = Lead.objects.visible_to(request.user).filter(client__merged_into=None)
    filters = ScopeFilter(request.GET, request.user)
    rows = filters.narrow_scope(rows, "client__manager", "client__branch")
    chosen_channel, chosen_campaign = _channel_asked(request), _campaign_asked(request)
    if chosen_channel is not None:
        rows = rows.filter(channel=chosen_channel)
    if chosen_campaign is not None:
        rows = rows.filter(campaign=chosen_campaign)
    period = None
    if request.GET.get("from") or request.GET.get("to"):
        period = period_of(request.GET)
    opened = request.GET.get("opened", "")
    found = _of_period(rows, period, opened)
    found = found.select_related("client", "client__manager", "channel", "campaign")
    page: Page[Lead] = paginate(found, order=("-on", "-id"), query=request.GET)
    context = {
        "page": page,
        "filters": filters,
        "channel": chosen_channel,
        "campaign": chosen_campaign,
        "period": period,
        "opened": opened,
    }
    return render(request, "pipeline/channels/leads.html", context, status=filters.status)


def _of_period(rows: QuerySet[Lead], period: Period | None, opened: str) -> QuerySet[Lead]:
    if opened in {"1", "then"}:
        rows = rows.filter(client__opened_on__isnull=False)
    if period is None:
        return rows
    column = "client__opened_on" if opened == "then" else "on"
    return rows.filter(**{f"{column}__range": (period.since, period.until)})


def _channel_asked(request: StaffRequest) -> Channel | None:
    text = request.GET.get("channel", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    return get_object_or_404(Channel.objects.visible_to(request.user), pk=int(text))


def _campaign_asked(request: StaffRequest) -> Campaign | None:
    """By its key or its address."""
    text = request.GET.get("campaign", "")
    if not text:
        return None
    rows = Campaign.objects.visible_to(request.user)
    if text.isascii() and text.isdigit() and len(text) < 10:
        return get_object_or_404(rows, pk=int(text))
    try:
        return get_object_or_404(rows, public_id=text)
    except ValidationError:
        raise Http404(_("No such choice. Go back to the page and choose from its list.")) from None
