"""Pages of referrals: referrer, result, and thanks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client
from clients.querysets import may_record
from crm.addresses import address
from crm.paging import paginate
from pipeline.channels import referrals as channels_referrals
from pipeline.channels.referral_forms import ThanksForm
from pipeline.models import Opportunity, Thanks
from staff.http import StaffRequest
from staff.scope_filter import ScopeFilter


@require_safe
def referrals(request: StaffRequest) -> HttpResponse:
    """Referred clients, with the stage reached and whether an account was opened."""
    state = request.GET.get("state", "")
    filters = ScopeFilter(request.GET, request.user)
    every = filters.narrow(channels_referrals.referrals(request.user))
    rows = channels_referrals.in_state(every, state)
    page = paginate(rows, order=("-recorded_on", "-id"), query=request.GET)
    keys = [row.chance for row in page.items if row.chance]
    chances = Opportunity.objects.visible_to(request.user).select_related("stage").in_bulk(keys)
    how = dict(Thanks.How.choices)
    listed = [
        {"row": row, "chance": chances.get(row.chance), "how": how.get(row.thanked_how, "")}
        for row in page.items
    ]
    context = {
        "page": page,
        "listed": listed,
        "filters": filters,
        "state": state,
        "counts": channels_referrals.counts(every),
        "may_record": may_record(request.user),
    }
    return render(request, "pipeline/channels/referrals.html", context, status=filters.status)


@require_http_methods(["GET", "POST"])
def thank(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Record thanks to the referrer of a client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not Client.objects.editable_by(request.user).filter(pk=client.pk).exists():
        raise PermissionDenied
    form = ThanksForm(request.POST if request.method == "POST" else None)
    form.cancel_url = address("pipeline:referrals")
    if request.method == "POST" and form.is_valid():
        try:
            channels_referrals.thank(referred=client, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The thanks are on record."))
            return redirect("pipeline:referrals")
    context = {"form": form, "title": _("Thanks for a referral"), "client": client}
    return render(request, "pipeline/sheet.html", context, status=422 if form.errors else 200)
