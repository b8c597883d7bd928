"""The call screen: script and form side by side; dialling; contacts without a callback."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clients.file.access import editable_client
from clients.models import Client
from crm import panels, trading_days
from crm.addresses import address
from staff import policies
from staff.http import StaffRequest
from visits import salutation, wording
from visits.contacts import before, callbacks, corrections, drafts, in_a_row, recent, services
from visits.contacts import selectors as contacts_selectors
from visits.contacts import selectors as reports
from visits.contacts.before import Before
from visits.contacts.forms import VisitForm, initial_of
from visits.models import (
    Callback,
    Channel,
    NextStep,
    ScriptVersion,
    Visit,
    VisitDraft,
)
from visits.planning.policies import CAPACITY
from visits.querysets import acts_on, corrects
from visits.scripts import banned_phrases, selectors, talking_points

# Contacts shown beside the form.
LAST = 3


def _callback(request: StaffRequest, public_id: UUID) -> tuple[Callback, bool]:
    """A visible callback, and whether the user may act on it."""
    rows = Callback.objects.visible_to(request.user).select_related("client__branch")
    if request.method != "POST":
        rows = rows.select_related("client__segment", "plan")  # what the page shows besides
    callback = get_object_or_404(rows, public_id=public_id)
    return callback, acts_on(request.user, callback)


def _form(
    request: StaffRequest,
    client: Client,
    version: ScriptVersion | None,
    initial: dict[str, Any],
    kept: Visit | None = None,
) -> tuple[VisitForm, ScriptVersion | None]:
    """The form with the steps of the wording that the person had before them."""
    given = request.POST if request.method == "POST" else initial
    shown = str(given.get("version") or "")
    if shown.isdecimal() and len(shown) < 10 and (version is None or shown != str(version.pk)):
        near = Q(script__branch=None) | Q(script__branch__in=client.branch.ancestor_ids)
        rows = ScriptVersion.objects.filter(near, pk=int(shown)).select_related("script")
        version = rows.first() or version
    steps = version.in_order() if version else []
    words = salutation.words(request.user, salutation.greeting(client, timezone.now()))
    for step in steps:
        step.words = words
    initial = {"token": uuid.uuid4(), **initial, "version": version.pk if version else None}
    data = request.POST if request.method == "POST" else None
    made = VisitForm(
        data,
        steps=steps,
        initial=initial,
        kept=kept.outcome_id if kept else None,
        client=client,
        kept_person=kept.contact_person_id if kept else None,
    )
    return made, version


def _version(
    request: StaffRequest, client: Client, callback: Callback | None
) -> tuple[ScriptVersion | None, bool]:
    """The wording for this contact, and whether the person has chosen it (``?script=``)."""
    asked = request.GET.get("script", "")
    chosen = selectors.chosen_version(client, asked) if asked and request.method != "POST" else None
    if chosen is not None:
        return chosen, True
    if asked and request.method != "POST":
        messages.warning(request, _("That script is no longer in use; this is the usual one."))
    return selectors.script_version(client, callback), False


def _kept(request: StaffRequest, draft: VisitDraft | None, **initial: Any) -> dict[str, Any]:
    """Initial data of the form: the user's draft if there is one."""
    return {**initial, **drafts.initial(draft)} if draft is not None else initial


def _channel(at: datetime | None, draft: VisitDraft | None, proposed: str) -> str:
    """The telephone after a call from here ``at``, unless the person has chosen otherwise since."""
    if at is None or (draft is not None and draft.saved_at > at):
        return proposed
    return Channel.PHONE


def _add_errors(form: VisitForm, error: ValidationError) -> None:
    for field, sentences in callbacks.errors_of(error).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


def _screen(
    request: StaffRequest,
    client: Client,
    form: VisitForm | None,
    found: Before | None,
    callback: Callback | None = None,
    tried: reports.Tried | None = None,
    **context: Any,
) -> HttpResponse:
    """Draw the call screen; 422 where the form has errors."""
    found = found or before.before(client, callback)
    shown = {
        "client": client,
        "callback": callback,
        "tried": tried,
        "head": reports.head(client, found.phone),
        "form": form,
        "found": found,
        "hello": salutation.greeting(client, timezone.now()),
        "lock": drafts.local_key(request.user) if form else "",
        "past": [reports.line(row) for row in recent.contacts(request.user, client, LAST)],
        "warnings": reports.warnings(client),
        "talk": talking_points.helps(client),
        "no_calls": client.refuses_call(timezone.now()),
        "open_matters": panels.contexts("call", request, client),
        "late": callback is not None and callback.due_on < trading_days.today(),
        **context,
    }
    if form is not None:
        pause, capacity = (tried.pause, tried.capacity) if tried else (None, _capacity(client))
        basis = None if "corrects" in context else found.basis
        choices, regular = reports.following(form.outcomes, basis, pause, capacity)
        shown |= {"choices": choices, "regular": regular}
        shown["next_step_choices"] = reports.step_choices(regular)
        shown["chosen_person"] = str(form["contact_person"].value() or "")
        allowed = context.get("may_act") and not shown["no_calls"]
        shown["dials"] = allowed and shown["head"]["has_phone"]
    status = 422 if form is not None and form.errors else 200
    status = 409 if context.get("taken") else status
    return render(request, "visits/contacts/call.html", shown, status=status)


def _capacity(client: Client) -> int:
    return int(policies.number(CAPACITY, on=trading_days.today(), branch=client.branch))


def _to_book(request: StaffRequest, visit: Visit) -> str:
    """Where "meet" goes on: the appointment, in place of the promise that the contact made."""
    if visit.next_step != NextStep.MEET or visit.next_step_on is None:
        return ""
    promises = Callback.objects.visible_to(request.user).open()
    promise = promises.filter(client=visit.client, occurrence=f"promise:{visit.token}").first()
    if promise is None:
        return ""
    query = f"on={visit.next_step_on}&instead={promise.public_id}"
    return f"{address('visits:book', visit.client.public_id)}?{query}"


def _say_saved(request: StaffRequest, client: Client) -> None:
    due_on = callbacks.next_due_on(client)
    text = _("Saved. No further callback is planned.")
    if due_on is not None:
        day = date_format(due_on, "DATE_FORMAT")
        text = _("Saved. Next callback on %(day)s.") % {"day": day}
    messages.success(request, text)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Call with the script beside the form; saving closes the callback and plans the next."""
    try:
        callback, editable = _callback(request, public_id)
    except Http404:
        if not in_a_row.asked(request) or request.method == "POST":
            raise
        messages.warning(
            request, _("The next callback is no longer yours: on to the one after it.")
        )
        return redirect(in_a_row.past(request.user, public_id))
    if request.method == "POST" and not editable:
        raise PermissionDenied
    if callback.kind == Callback.Kind.COMPLIANCE:
        return redirect("compliance:visit", public_id)  # worked in a room of its own
    client = callback.client
    version, is_chosen = _version(request, client, callback)
    form, place = None, in_a_row.place(callback)
    if request.method == "POST":
        form, version = _form(request, client, version, {})
        saved = _save(request, client, form, version, callback) if form.is_valid() else None
        if saved is not None:
            following = _to_book(request, saved) or _following(request, place, client)
            return _saved(redirect(following), saved)
    # What only the page needs: whoever has saved goes on to another.
    around = contacts_selectors.around(callback, request.user)
    found = before.before(client, callback)
    draft = drafts.of(request.user, client, callback) if editable and around.drafted else None
    tried = contacts_selectors.tried(callback)
    if form is None:
        purpose, person = before.purpose_of(callback), before.whom(client, found)
        initial = _kept(
            request, draft, channel=tried.channel, purpose=purpose, contact_person=person
        )
        if is_chosen:
            initial.pop("version", None)
        initial["channel"] = _channel(around.dialled_at, draft, str(initial["channel"]))
        form, version = _form(request, client, version, initial)
    taken = (
        contacts_selectors.taken(callback, request.user)
        if request.method == "POST" or draft
        else None
    )
    is_open = callback.status == Callback.Status.OPEN
    acts = editable and (is_open or taken is not None)
    return _screen(
        request,
        client,
        form if acts else None,
        found,
        callback,
        tried,
        why=wording.why(callback, client),
        version=version,
        prompts=form.prompts,
        may_record=editable,
        may_act=editable and is_open and taken is None,
        changes=reports.changes(callback) if around.decided else [],
        cancel_url=callback.client.get_absolute_url(),
        draft=draft if acts and request.method != "POST" else None,
        draft_url=address("visits:draft", callback.public_id) if acts else "",
        dial_url=address("visits:dial", callback.public_id),
        taken=taken,
        row=in_a_row.behind(request.user, place) if in_a_row.asked(request) else None,
    )


def _following(request: StaffRequest, place: in_a_row.Place, client: Client) -> str:
    """Where a saved contact leads: to the next in the row, back to the file, or to Today."""
    if request.GET.get("back") == "file":
        return str(client.get_absolute_url())
    if not in_a_row.asked(request) or "stop" in request.POST:
        return address("visits:today")
    row = in_a_row.behind(request.user, place)
    if not row.left:
        messages.info(request, in_a_row.end(request.user))
    return row.next_url


def _save(
    request: StaffRequest,
    client: Client,
    form: VisitForm,
    version: ScriptVersion | None,
    callback: Callback | None = None,
) -> Visit | None:
    """Save the contact and delete its draft; refusals become errors of the form."""
    try:
        made = services.log_visit(
            client=client, employee=request.user, callback=callback, **form.content(version)
        )
    except ValidationError as error:
        _add_errors(form, error)
        return None
    drafts.discard(employee=request.user, client=client, callback=callback)
    _say_saved(request, client)
    if made.channel == Channel.PHONE and before.refuses_offer(client, made.purpose):
        messages.warning(
            request,
            _("Saved as it was; yet the client has not agreed to calls about products. Ask first."),
        )
    phrases = banned_phrases.marked(made)
    if phrases:
        text = _("Your notes hold “%(phrases)s”: the entry is marked for compliance to look at.")
        messages.warning(request, text % {"phrases": "”, “".join(phrases)})
    return made


def _saved(response: HttpResponse, visit: Visit) -> HttpResponse:
    """Tell the page that comes next which copy on the device may go (crm.js)."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie("crm_saved", str(visit.token), max_age=86400, secure=secure, samesite="Lax")
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Call, or log a contact, that no callback asked for."""
    client = editable_client(request, public_id, "segment", "branch")
    draft = drafts.of(request.user, client, None) if request.method != "POST" else None
    found = before.before(client) if request.method != "POST" else None
    person = before.whom(client, found) if found is not None else ""
    purpose = before.purpose_of(None)
    initial = _kept(request, draft, channel="phone", purpose=purpose, contact_person=person)
    version, is_chosen = _version(request, client, None)
    if is_chosen:
        initial.pop("version", None)
    form, version = _form(request, client, version, initial)
    if request.method == "POST" and form.is_valid():
        saved = _save(request, client, form, version)
        if saved is not None:
            return _saved(redirect(_to_book(request, saved) or client.get_absolute_url()), saved)
    cancel_url = client.get_absolute_url()
    return _screen(
        request,
        client,
        form,
        found,
        version=version,
        prompts=form.prompts,
        cancel_url=cancel_url,
        dial_url=address("visits:dial_client", client.public_id),
        may_act=True,
        draft=draft,
        draft_url=f"{cancel_url}draft/",
    )


@require_safe
def visit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One entry, with what it corrects and what corrected it."""
    rows = Visit.objects.visible_to(request.user).select_related(
        "client",
        "employee",
        "outcome",
        "corrects",
        "corrected_by",
        "script_version__script",
        "contact_person",
    )
    entry = get_object_or_404(rows, public_id=public_id)
    may_correct = corrects(request.user, entry) and not entry.void
    flags = entry.phrase_flags.select_related("phrase")
    facts = reports.facts(entry)
    context = {"visit": entry, "may_correct": may_correct, "facts": facts, "flags": flags}
    return render(request, "visits/contacts/visit.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Correct an own entry by a new one; the old one is void."""
    rows = Visit.objects.visible_to(request.user).select_related(
        "client__segment", "client__branch", "script_version__script"
    )
    entry = get_object_or_404(rows, public_id=public_id)
    if not Visit.objects.editable_by(request.user).filter(pk=entry.pk).exists():
        raise PermissionDenied
    version = entry.script_version or selectors.script_version(entry.client, entry.callback)
    steps = version.in_order() if version else []
    form, version = _form(request, entry.client, version, initial_of(entry, steps), kept=entry)
    if request.method == "POST" and form.is_valid():
        content = form.content(version)
        del content["right_number"]  # a correction dials nobody
        content["occurred_at"] = content["occurred_at"] or entry.occurred_at
        if content["contact_person"] is None and entry.contact_person_id is None:
            content["spoke_with"] = entry.spoke_with  # an older entry knows the role alone
        try:
            made = corrections.correct_visit(visit=entry, by=request.user, **content)
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Corrected. The old entry stays on record, void."))
            return redirect(made)
    return _screen(
        request,
        entry.client,
        form,
        before.before(entry.client),
        version=version,
        prompts=form.prompts,
        corrects=entry,
        cancel_url=entry.get_absolute_url(),
    )
