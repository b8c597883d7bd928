"""Edit in place: one row of the client file, as a form and back."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.figures.held import say_what_figures_decide
from clients.file import rows
from clients.file.access import editable_or_survivor
from clients.file.rows import ROWS, Row
from clients.file.services import EditConflict
from clients.in_place.forms import RowForm, TagsForm, form_of
from clients.in_place.services import save_row
from clients.models import Client
from staff.http import StaffRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: StaffRequest, public_id: UUID, key: str) -> HttpResponse:
    """The form of one row; when it was sent the row, or the form with what is wrong."""
    client, merged = editable_or_survivor(request, public_id)
    if key not in ROWS:
        raise Http404
    chosen = ROWS[key]
    if request.method != "POST":
        if "show" in request.GET:
            return _row(request, chosen, client)
        return _form(request, chosen, client, form_of(chosen, client))
    if merged:
        return _again(request, chosen, client, merged)
    form = form_of(chosen, client, request.POST)
    if not form.is_valid():
        return _form(request, chosen, client, form, status=422)
    try:
        saved = save_row(
            client_id=client.pk,
            row=chosen,
            seen=form.cleaned_data["seen"],
            values=form.values(),
            by=request.user,
        )
    except EditConflict as conflict:
        return _conflict(request, chosen, conflict)
    except ValidationError as error:
        form.add_error(None, list(error.messages))
        return _form(request, chosen, client, form, status=422)
    return _saved(request, chosen, client, saved)


def _conflict(request: StaffRequest, chosen: Row, conflict: EditConflict) -> HttpResponse:
    """The row was changed meanwhile: what was typed, and what is there now."""
    visible = Client.objects.visible_to(request.user)
    key = conflict.client.merged_into_id or conflict.client.pk
    client = get_object_or_404(visible, pk=key)
    now = rows.shown(chosen, client, rows.tags_of(client)).text or "—"
    who = conflict.by or _("Another person")
    sentence = _(
        "%(who)s changed this meanwhile to: %(now)s. Save again to put yours in its place."
    )
    return _again(request, chosen, client, sentence % {"who": who, "now": now})


def _again(request: StaffRequest, chosen: Row, client: Client, sentence: str) -> HttpResponse:
    """The form with what was typed on the newest state, so that saving again overwrites it."""
    data = request.POST.copy()
    data["seen"] = form_of(chosen, client).initial["seen"]
    return _form(
        request, chosen, client, form_of(chosen, client, data), status=409, conflict=sentence
    )


def _form(
    request: StaffRequest,
    chosen: Row,
    client: Client,
    form: RowForm | TagsForm,
    *,
    status: int = 200,
    conflict: str = "",
) -> HttpResponse:
    say_what_figures_decide(form, client)
    context: dict[str, Any] = {
        "client": client,
        "form": form,
        "row": rows.shown(chosen, client, ()),
        "conflict": conflict,
    }
    template = "clients/in_place/_row_form.html" if request.htmx else "clients/in_place/row.html"
    return render(request, template, context, status=status)


def _row(request: StaffRequest, chosen: Row, client: Client) -> HttpResponse:
    shown = rows.shown(chosen, client, rows.tags_of(client) if chosen.key == "tags" else ())
    context = {"client": client, "rows": [shown]}
    return render(request, "clients/in_place/_row.html", context)


def _saved(request: StaffRequest, chosen: Row, before: Client, saved: Client) -> HttpResponse:
    if not request.htmx:
        return redirect(saved)
    answer = _row(request, chosen, saved)
    text = _("Saved.")
    if saved.segment_id != before.segment_id:
        text = _("Saved. The client is now in the segment %(segment)s.") % {
            "segment": saved.segment
        }
    answer["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": "success"}})
    return answer
