"""The relations of a client: household, referrals, contact persons."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.file.access import editable_client
from clients.models import Client
from clients.querysets import may_record
from clients.relations import selectors, services
from clients.relations.forms import REFERRED, REFERRER, ContactForm, RelateForm
from clients.search import suggest
from crm.query_filters import LONGEST_TEXT
from staff.http import StaffRequest, refusal


@never_cache
@require_safe
def relations(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Relations of the client, with a search for clients to add."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    return _page(request, client, ContactForm())


def _page(
    request: StaffRequest,
    client: Client,
    form: ContactForm,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    """The page of relations; ``refused`` says why nothing was changed."""
    visible = Client.objects.visible_to(request.user)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT]
    hits = [hit for hit in suggest(visible, text) if hit.pk != client.pk] if text else []
    context: dict[str, Any] = {
        "client": client,
        "editable": may_record(request.user),
        "tree": selectors.tree(request.user, client),
        "referrer": visible.filter(referred=client).first(),
        "referred": list(visible.filter(referred_by=client)[:50]),
        "contacts": services.contacts_of(client).prefetch_related("phones"),
        "text": text,
        "hits": hits,
        "choices": RelateForm.base_fields["relation"].choices,  # type: ignore[attr-defined]
        "form": form,
        "refused": refused,
    }
    return render(request, "clients/relations/relations.html", context, status=status)


@require_POST
def relate(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Add another client to the household, or as a referral."""
    client = editable_client(request, public_id)
    form = RelateForm(request.POST)
    if not form.is_valid():
        sentence = _("Choose a client and what they are to this one.")
        return _page(request, client, ContactForm(), status=409, refused=sentence)
    relation = form.cleaned_data["relation"]
    other = get_object_or_404(
        Client.objects.editable_by(request.user), public_id=form.cleaned_data["client"]
    )
    try:
        if relation == REFERRER:
            services.set_referrer(client=client, referrer=other)
        elif relation == REFERRED:
            services.set_referrer(client=other, referrer=client)
        else:
            services.join_household(client=client, other=other, relation=relation)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        return _page(request, client, ContactForm(), status=409, refused=sentence)
    return _done(request, client)


@require_POST
def unrelate(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Leave the household, become its head, or remove the referrer."""
    client = editable_client(request, public_id)
    acts = {
        "leave": lambda: services.leave_household(client=client),
        "head": lambda: services.make_head(client=client),
        "referrer": lambda: services.set_referrer(client=client, referrer=None),
    }
    act = acts.get(request.POST.get("what", ""))
    try:
        if act is None:
            raise ValidationError(_("Say what is to change."))
        act()
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return _done(request, client)


@require_POST
def add_contact(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Add a contact person."""
    client = editable_client(request, public_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, client, form, status=422)
    services.add_contact(client=client, contact=form.contact())
    return _done(request, client)


@require_POST
def end_contact(request: StaffRequest, public_id: UUID, pk: int) -> HttpResponse:
    """End a contact person."""
    client = editable_client(request, public_id)
    services.end_contact(contact=get_object_or_404(services.contacts_of(client), pk=pk))
    return _done(request, client)


def _done(request: StaffRequest, client: Client) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("clients:relations", public_id=client.public_id)
