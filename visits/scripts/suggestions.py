"""Suggestions of clients: a list that is answered and closed (D-05)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clients.models import Client
from staff.models import Employee
from visits.models import SuggestionReply, Visit

State = SuggestionReply.State
OPEN = "open"
STATES = [
    (OPEN, pgettext_lazy("suggestion", "Open")),
    (State.ANSWERED, gettext_lazy("Answered")),
    (State.CLOSED, pgettext_lazy("suggestion", "Closed")),
]


def listed(viewer: Employee, state: str = OPEN) -> QuerySet[Visit]:
    """Visible visits with an open, answered or closed suggestion."""
    answered, closed = _replied(State.ANSWERED), _replied(State.CLOSED)
    wanted = {OPEN: ~answered & ~closed, State.ANSWERED: answered & ~closed, State.CLOSED: closed}
    rows = Visit.objects.visible_to(viewer).filter(wanted[state], void=False)
    return rows.exclude(suggestions="")


def _replied(state: str) -> Q:
    return Q(Exists(SuggestionReply.objects.filter(visit=OuterRef("pk"), state=state)))


@transaction.atomic
def reply(*, visit: Visit, state: str, words: str, by: Employee) -> SuggestionReply:
    """Save the reply to the client (answered) or the result (closed); each once.

    Raises ValidationError where somebody did so before, or the entry was corrected meanwhile.
    """
    Client.objects.select_for_update().get(pk=visit.client_id)
    if Visit.objects.filter(pk=visit.pk, void=True).exists():
        raise ValidationError(_("This entry was corrected already. Correct the newest one."))
    made = set(SuggestionReply.objects.filter(visit=visit).values_list("state", flat=True))
    if State.CLOSED in made:
        raise ValidationError(_("This suggestion is closed. Reload the page to see why."))
    if state in made:
        raise ValidationError(_("Somebody has answered it meanwhile. Reload the page."))
    return SuggestionReply.objects.create(visit=visit, state=state, words=words, employee=by)


def copy_replies(old: Visit, new: Visit) -> None:
    """Copy the replies to a corrected visit if the client's suggestion is unchanged."""
    if old.suggestions != new.suggestions:
        return
    SuggestionReply.objects.bulk_create(
        SuggestionReply(visit=new, state=row.state, words=row.words, employee_id=row.employee_id)
        for row in SuggestionReply.objects.filter(visit=old)
    )
