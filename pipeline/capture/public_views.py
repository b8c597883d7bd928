"""The public form behind a QR code: no login, no session, the same answers for everybody."""

from __future__ import annotations

import hashlib

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.policies import MissingPolicy
from crm.trading_days import today
from pipeline.capture import public_services, qr_codes
from pipeline.capture.forms import PublicForm
from pipeline.models import CaptureLink, PrivacyNotice


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def public_form(request: HttpRequest, token: str) -> HttpResponse:
    """Name, phone and request of a visitor, sent to the owner of the scanned code."""
    # Logged-in employees get the same page as everybody.
    request.user = AnonymousUser()
    # Hashed: a limit's key in the cache must not give the secret away.
    key = hashlib.sha256(token.encode()).hexdigest()
    sent = request.method == "POST"
    if sent and not ratelimit.consume(request, action="public_form", key=key):
        return _page(request, "busy", status=429)
    link = qr_codes.of_token(token)
    try:
        notice = PrivacyNotice.in_force(today())
        text = public_services.notice_text(notice, link) if link else ""
    except (MissingPolicy, PrivacyNotice.DoesNotExist):
        link = None
    if link is None:
        return _page(request, "gone", status=404)
    form = PublicForm(request.POST if sent else None)
    if sent and form.is_valid():
        with public_services.in_even_time():
            taken = _taken(link, form)
        if taken:
            return _page(request, "thanks")
    # A form that was sent with a mistake keeps its age: correcting it takes no time.
    kept = form.cleaned_data.get("opened", "") if form.is_bound else ""
    opened = kept if public_services.is_fresh(link, kept) else public_services.opened(link, notice)
    context = {"form": form, "text": text, "opened": opened}
    status = 422 if form.errors else 200
    return render(request, "pipeline/capture/public_form.html", _bare(context), status=status)


def _taken(link: CaptureLink, form: PublicForm) -> bool:
    """Whether to show the thanks page; robots see it too, but nothing is saved."""
    data = form.cleaned_data
    try:
        opened = public_services.read_opened(link, data["opened"])
    except public_services.Stale:
        form.add_error(None, _("This page was open for too long. Look it over and send it again."))
        return False
    if data["website"] or opened.hasty:
        return True
    try:
        public_services.receive(
            link=link, form=opened, name=data["name"], phone=data["phone"], wish=data["wish"]
        )
    except ValidationError:
        form.add_error(None, _("This did not work. Please speak with your contact directly."))
        return False
    return True


def _page(request: HttpRequest, state: str, status: int = 200) -> HttpResponse:
    context = _bare({"state": state})
    return render(request, "pipeline/capture/public_answer.html", context, status=status)


def _bare(context: dict[str, object]) -> dict[str, object]:
    """Omit messages that wait for a logged-in employee."""
    return {**context, "messages": ()}
