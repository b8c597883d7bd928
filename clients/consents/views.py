"""Consent and contact wishes of a client."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.consents import services
from clients.consents.forms import ConsentForm, WishesForm, WithdrawForm
from clients.file.access import editable_or_survivor
from clients.file.services import EditConflict
from clients.models import Client, Consent
from clients.querysets import may_record
from staff.http import StaffRequest, refusal

STILL_REFUSED = gettext_lazy(
    "The client still wants no calls: that was wished for, or this consent is older. Change the "
    "contact wishes if the client takes calls again."
)


@never_cache
@require_safe
def consents(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Consents of the client, withdrawals, and wishes."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    return _page(request, client)


def _page(
    request: StaffRequest,
    client: Client,
    wishes: WishesForm | None = None,
    given: ConsentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "client": client,
        "consents": _consents(request, client).select_related("recorded_by"),
        "editable": may_record(request.user),
        "wishes": wishes or WishesForm(instance=client),
        "given": given or ConsentForm(),
    }
    return render(request, "clients/consents/consents.html", context, status=status)


def _consents(request: StaffRequest, client: Client) -> QuerySet[Consent]:
    """Those of the client and of the records merged into it."""
    return Consent.objects.visible_to(request.user).filter(client__in=client.group)


@require_POST
def set_wishes(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Edit whether, when and how the client may be called."""
    client, merged = editable_or_survivor(request, public_id)
    form = WishesForm(request.POST, instance=client)
    if merged:
        form.add_error(None, merged)
        return _page(request, client, wishes=form.renewed(client), status=409)
    if not form.is_valid():
        return _page(request, client, wishes=form, status=422)
    try:
        services.set_wishes(
            client_id=client.pk, version=form.version, wishes=form.wishes(), by=request.user
        )
    except EditConflict as conflict:
        key = conflict.client.merged_into_id or conflict.client.pk
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=key)
        form.add_error(None, _("Somebody saved this client meanwhile. Look again, then save."))
        return _page(request, client, wishes=form.renewed(client), status=409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, client, wishes=form, status=422)
    return _done(request, client)


@require_POST
def give_consent(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Record a consent with its proof."""
    client, merged = editable_or_survivor(request, public_id)
    form = ConsentForm(request.POST)
    if merged:
        form.add_error(None, merged)
    if form.is_valid():
        data = form.cleaned_data
        try:
            consent = services.give(
                client=client,
                purpose=data["purpose"],
                channel=data["channel"],
                on=data["given_on"],
                proof=data["proof"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if services.concerns_calls(consent) and consent.client.calls_refused:
                messages.warning(request, STILL_REFUSED)
            return _done(request, client)
    return _page(request, client, given=form, status=409 if merged else 422)


@require_POST
def withdraw_consent(request: StaffRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Withdraw a consent, effective immediately."""
    client, _merged = editable_or_survivor(request, public_id)
    consent = get_object_or_404(_consents(request, client), pk=pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return refusal(request, " ".join(map(str, form.errors["how"])), status=400)
    try:
        services.withdraw(consent=consent, how=form.cleaned_data["how"], by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return _done(request, client)


def _done(request: StaffRequest, client: Client) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("clients:consents", public_id=client.public_id)
