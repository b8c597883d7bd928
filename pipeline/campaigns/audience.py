"""Who may be invited: clients of a segment or a saved view, less those who do not agree."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from clients.directory.filters import ClientFilter
from clients.models import Client, Consent, Lifecycle, Segment
from clients.models.consent import Purpose
from clients.querysets import ClientQuerySet
from crm.models import SavedView
from pipeline.models import Campaign, Invitation
from staff.models import Employee


def _has(*, withdrawn: bool) -> Q:
    """Whether a client or one merged into them has such a consent; by index, hence two questions."""
    rows = Consent.objects.filter(purpose=Purpose.MARKETING, withdrawn_on__isnull=not withdrawn)
    merged = rows.filter(client__merged_into__isnull=False, client__merged_into=OuterRef("pk"))
    return Q(Exists(rows.filter(client=OuterRef("pk")))) | Q(Exists(merged))


AGREES = _has(withdrawn=False)
WITHDREW = _has(withdrawn=True)
# An event is marketing: it needs a consent to that, and calls must be welcome (PIPL art. 13, 24).
WILLING = Q(calls_refused=False) & AGREES
SHOWN = 30


@dataclass(frozen=True)
class Preview:
    """Who would be added, and how many of the chosen are left out, by reason."""

    total: int
    added: int
    on_list: int
    refuse_calls: int
    withdrew: int
    unasked: int
    closed: int
    first: list[Client]
    left_out: list[Client]


def saved_views(employee: Employee) -> QuerySet[SavedView]:
    """Saved views of the client list: the employee's own and shared ones of the branch."""
    mine = Q(owner=employee)
    if employee.branch_id:
        mine |= Q(shared=True, owner__branch=employee.branch_id)
    return SavedView.objects.filter(mine, page="clients").order_by("name", "id")


def segments(employee: Employee) -> QuerySet[Segment]:
    """Segments that hold in the employee's reach."""
    known = ClientFilter(QueryDict(), employee).segments
    return Segment.objects.filter(pk__in=known).order_by("name_zh", "pk")


def chosen(
    employee: Employee, *, segment: Segment | None = None, view: SavedView | None = None
) -> ClientQuerySet:
    """Clients that the employee may change, of a segment or as the view would list them."""
    clients: ClientQuerySet = Client.objects.editable_by(employee)
    if segment is not None:
        clients = clients.filter(segment=segment)
    if view is not None:
        clients = ClientFilter(QueryDict(view.query), employee).narrow(clients)
    return clients


def preview(campaign: Campaign, clients: ClientQuerySet) -> Preview:
    """Preview of inviting ``clients``; two statements for names, one for counts."""
    listed = Q(Exists(Invitation.objects.filter(campaign=campaign, client=OuterRef("pk"))))
    rows = clients.order_by().annotate(
        is_listed=listed, has_agreed=AGREES, has_withdrawn=WITHDREW
    )  # conditions as columns, so that each is worked out once
    fresh = Q(is_listed=False) & ~Q(lifecycle=Lifecycle.CLOSED)
    calls = fresh & Q(calls_refused=False)
    counts = rows.aggregate(
        total=Count("pk"),
        on_list=Count("pk", filter=Q(is_listed=True)),
        closed=Count("pk", filter=Q(is_listed=False, lifecycle=Lifecycle.CLOSED)),
        refuse_calls=Count("pk", filter=fresh & Q(calls_refused=True)),
        withdrew=Count("pk", filter=calls & Q(has_agreed=False, has_withdrawn=True)),
        unasked=Count("pk", filter=calls & Q(has_agreed=False, has_withdrawn=False)),
        added=Count("pk", filter=calls & Q(has_agreed=True)),
    )
    ordered = rows.select_related("manager").order_by("name_pinyin", "pk")
    return Preview(
        **counts,
        first=list(ordered.filter(calls, has_agreed=True)[:SHOWN]),
        left_out=list(
            ordered.filter(fresh & (Q(calls_refused=True) | Q(has_agreed=False)))[:SHOWN]
        ),
    )


def refusal(client: Client) -> str:
    """Why this client cannot be invited, as a sentence; '' if possible."""
    if client.lifecycle == Lifecycle.CLOSED or client.merged_into_id is not None:
        return _("This client is closed.")
    if client.calls_refused:
        return _("This client wants no calls and is not invited.")
    agreed = Consent.objects.filter(client__in=client.group, purpose=Purpose.MARKETING)
    if not agreed.filter(withdrawn_on=None).exists():
        return _("This client has given no consent to products and events. Record it first.")
    return ""
