"""Several callbacks of the list at once: moved, given to somebody, cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clients.querysets import may_record
from crm.addresses import address
from staff.http import StaffRequest
from staff.models import Employee
from visits.agenda import bulk
from visits.agenda.bulk_forms import ACTIONS, ManyCallbacksForm
from visits.contacts.callbacks import errors_of
from visits.models import Callback

SHOWN = 20


def _keys(request: StaffRequest) -> list[UUID]:
    keys = []
    for text in request.POST.getlist("callback")[: bulk.MOST + 1]:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return keys


@require_POST
def change_callbacks(request: StaffRequest) -> HttpResponse:
    """Do to the ticked callbacks what the bar of the list, or the form of this page, says."""
    own = Callback.objects.editable_by(request.user)
    if not may_record(request.user):
        raise PermissionDenied
    rows = list(own.filter(public_id__in=_keys(request)).select_related("client__branch"))
    action = request.POST.get("action", "")
    receivers = bulk.receivers(rows) if rows and action == "reassign" else Employee.objects.none()
    # The bar cannot know who may be given them: it asks for the form.
    meant = "reason" in request.POST and not ("direct" in request.POST and action == "reassign")
    data = request.POST if meant else None
    form = ManyCallbacksForm(data, action=action, receivers=receivers, initial={"action": action})
    if form.is_valid() and (count := _done(request, form, [row.pk for row in rows])) is not None:
        messages.success(request, _said(action, count))
        return redirect(f"{address('visits:callbacks')}?{request.POST.get('query', '')[:2000]}")
    context: dict[str, Any] = {"form": form, "rows": rows[:SHOWN], "count": len(rows)}
    context |= {"keys": [row.public_id for row in rows], "title": dict(ACTIONS).get(action, "")}
    context["query"] = request.POST.get("query", "")
    status = 422 if form.errors or not rows or not context["title"] else 200
    return render(request, "visits/agenda/bulk.html", context, status=status)


def _done(request: StaffRequest, form: ManyCallbacksForm, keys: list[int]) -> int | None:
    """How many were changed; ``None`` if it was refused, with the sentences in the form."""
    asked = {name: value for name, value in form.cleaned_data.items() if name != "action"}
    does: Any = {"move": bulk.move, "reassign": bulk.reassign, "cancel": bulk.cancel}
    act = does[form.cleaned_data["action"]]
    try:
        count: int = act(callbacks=keys, by=request.user, **asked)
    except ValidationError as error:
        for field, sentences in errors_of(error).items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        return None
    return count


def _said(action: str, count: int) -> str:
    words = {
        "move": ngettext("%(n)s callback moved.", "%(n)s callbacks moved.", count),
        "reassign": ngettext("%(n)s callback given.", "%(n)s callbacks given.", count),
        "cancel": ngettext("%(n)s callback cancelled.", "%(n)s callbacks cancelled.", count),
    }
    return words[action] % {"n": count}
