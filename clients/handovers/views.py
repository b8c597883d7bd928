"""Pages of hand-overs: request with preview, decision, details."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.directory import bulk
from clients.directory.bulk import MOST, chosen
from clients.handovers import selectors, services, sharing, undo
from clients.handovers.forms import NOBODY, HandOverForm
from clients.models import Client, HandOver
from clients.querysets import may_record
from crm.paging import paginate
from staff.http import StaffRequest, refusal
from staff.models import Employee


@never_cache
@require_safe
def hand_overs(request: StaffRequest) -> HttpResponse:
    """Hand-overs that the user may see, newest first."""
    rows = HandOver.objects.visible_to(request.user).select_related("origin", "asked_by")
    page = paginate(rows, order=("-id",), query=request.GET)
    context = {"page": page, "may_ask": may_record(request.user)}
    return render(request, "clients/handovers/hand_overs.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_hand_over(request: StaffRequest) -> HttpResponse:
    """Form of a hand-over: preview first, then the request."""
    editable = Client.objects.editable_by(request.user)
    if not may_record(request.user):
        raise PermissionDenied
    typed = "reason" in request.POST
    keys: list[int] | None = None
    picked = not {"client", "everything", "picked"}.isdisjoint(request.POST)
    if picked:
        keys = list(
            chosen(request.POST, editable, request.user).values_list("pk", flat=True)[: MOST + 1]
        )
    drift = bulk.drift(request.POST, len(keys)) if keys is not None else ""
    fault = drift or _fault(keys, from_list=request.method == "POST" and not typed)
    named = request.GET.get("origin") or request.GET.get("manager")
    initial = {"origin": named or _only_manager(editable, keys or [], request)}
    form = HandOverForm(request.POST if typed else None, employee=request.user, initial=initial)
    shown: dict[str, Any] = {"form": form, "picked": None if keys is None else len(keys)}
    shown |= {"query": request.POST.get("query", ""), "keys": request.POST.getlist("client")}
    shown["everything"] = "everything" in request.POST
    # From the list the chosen clients stand there; otherwise the book, of which some may be ticked.
    shown |= {"from_list": picked and "book" not in request.POST, "ticked": set(keys or [])}
    if shown["from_list"]:
        shown["book"] = None if fault else selectors.book(editable.filter(pk__in=keys or []))
    else:
        shown["book"] = _book_of(form, request.user)
        form.show_book_of_origin(request.path)
    shown |= {"fault": fault, "typed": typed}
    if typed and not fault and form.is_valid():
        try:
            requested = form.hand_over_request(keys)
            if "at_once" in request.POST:
                asked = services.ask_and_approve(requested=requested, by=request.user)
                messages.success(request, _("Approved: the clients go on their day."))
                return redirect(asked)
            if "ask" in request.POST:
                asked = services.ask(requested=requested, by=request.user)
                messages.success(request, _("The hand-over waits for approval."))
                return redirect(asked)
            distribution = services.distribute(requested=requested, by=request.user)
            pairs = [(client.pk, receiver) for client, receiver in distribution]
            shown["shares"] = sharing.shares(pairs, sharing.loads([key for key, _one in pairs]))
            shown["sample"] = distribution[:20]
            shown["left_out"] = 0 if keys is None else len(keys) - len(distribution)
        except ValidationError as error:
            form.add_error(None, error)
            shown["taken"] = form.has_error(NON_FIELD_ERRORS, "taken")
    status = 409 if drift else 422 if fault or form.errors else 200
    return render(request, "clients/handovers/form.html", shown, status=status)


def _book_of(form: HandOverForm, by: Employee) -> selectors.Book | None:
    """The book of the manager whom the form names as it stands; ``None`` where it names nobody."""
    try:
        origin = form.fields["origin"].clean(form["origin"].value())
    except ValidationError:
        return None
    return selectors.book_of(origin, by)


def _fault(keys: list[int] | None, *, from_list: bool) -> str:
    """The error of a selection of clients as a sentence: empty or too large; '' if valid."""
    if keys is None:
        return _("Choose at least one client.") if from_list else ""
    if not keys:
        return _("Choose at least one client.")
    if len(keys) > MOST:
        return _("At most %(most)s clients at once: narrow the list first.") % {"most": MOST}
    return ""


def _only_manager(editable: Any, keys: list[int], request: StaffRequest) -> int | str:
    """Key of the only manager of the selected clients; the user's own if there are several."""
    managers = set(editable.filter(pk__in=keys).values_list("manager", flat=True)[:500])
    if len(managers) == 1:
        return managers.pop() or NOBODY
    return request.user.pk


@never_cache
@require_safe
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """One hand-over: its clients with their receivers, reason and decision."""
    rows = HandOver.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("origin", "asked_by", "decided_by"), pk=pk)
    items = row.items.select_related("client__segment", "receiver").order_by("receiver", "id")
    mine = set(
        Client.objects.visible_to(request.user)
        .filter(pk__in=items.order_by().values("client"))
        .values_list("pk", flat=True)
    )
    people = Employee.objects.in_bulk(set(row.items.values_list("receiver", flat=True)))
    pairs = [(key, people[to]) for key, to in row.items.values_list("client", "receiver")]
    is_open = row.state in {HandOver.State.ASKED, HandOver.State.APPROVED}
    decides = HandOver.objects.decidable_by(request.user).filter(pk=row.pk).exists()
    measured = is_open and mine.issuperset(key for key, _one in pairs)
    of = sharing.loads([key for key, _one in pairs])
    context = {
        "row": row,
        "items": selectors.by_assets(items, mine, of if measured else None),
        "count": len(pairs),
        "cut": selectors.SHOWN,
        # Of clients within reach, while it is not done: then their work is that of their new managers.
        "measured": measured,
        "shares": sharing.shares(pairs, of),
        "decides": decides and row.state == HandOver.State.ASKED,
        "cancels": is_open and (decides or row.asked_by_id == request.user.pk),
        "goes_back": undo.may_undo(row, request.user),
    }
    return render(request, "clients/handovers/hand_over.html", context)


@require_POST
def decide_hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Approve, refuse or cancel a hand-over; request the undo of a completed one."""
    row = get_object_or_404(HandOver.objects.visible_to(request.user), pk=pk)
    what = request.POST.get("what", "")
    try:
        if what == "cancel":
            services.cancel(asked=row, by=request.user)
        elif what == "back":
            asked = undo.request_undo(done=row, by=request.user)
            messages.success(request, _("The way back waits for approval."))
            return redirect(asked[0] if len(asked) == 1 else "clients:hand_overs")
        elif not HandOver.objects.decidable_by(request.user).filter(pk=row.pk).exists():
            raise PermissionDenied
        elif what == "approve":
            services.approve(asked=row, by=request.user)
        elif what == "refuse":
            services.refuse(asked=row, by=request.user, reason=request.POST.get("reason", ""))
        else:
            raise ValidationError(_("Say what is to change."))
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    messages.success(request, _("Saved."))
    return redirect(row)
