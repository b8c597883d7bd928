"""The board, the list and the calendar of opportunities: one set, drawn in three ways."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clients.querysets import may_record
from crm.addresses import address
from crm.paging import paginate
from crm.trading_days import today
from pipeline.board import calendar, selectors, table
from pipeline.board.cards import COLUMNS, CardBuilder, Line
from pipeline.board.list_filter import Listing
from pipeline.models import Opportunity, OpportunityKind, Stage
from pipeline.opportunities.services import ChangedMeanwhile, move
from staff.http import StaffRequest
from staff.models import Employee
from staff.scope_filter import Whose

# What the list keeps in its address beside the filters that have a field.
_LISTS = (
    "state",
    "scope",
    "reached",
    "from",
    "to",
    "sort",
    "within",
    "entered",
    "lost_from",
    "competitor",
)


def _listing(request: StaffRequest, query: QueryDict) -> Listing:
    return Listing(Whose(request.user, query, unserved=True), query)


def _lanes(query: QueryDict) -> str:
    by = query.get("lanes", "")
    if by and by not in selectors.LANES_BY:
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    return by


def _reading(request: StaffRequest, query: QueryDict) -> selectors.Reading:
    """The board that ``query`` asks for, of what the viewer may see."""
    listing, by = _listing(request, query), _lanes(query)
    builder = CardBuilder(
        day=today(),
        may_edit=may_record(request.user),
        shows_manager=request.user.branch_scope != [] and not listing.whose.manager,
        back=listing.link("", lanes=by).lstrip("?"),
    )
    visible = Opportunity.objects.visible_to(request.user)
    return selectors.Reading(listing, visible, builder, by=by)


def _page(query: QueryDict) -> int:
    text = query.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _frame(
    listing: Listing, query: QueryDict, *, kind: str, keep: tuple[str, ...]
) -> dict[str, Any]:
    """What board, list and calendar have in common. ``keep``: what their own address keeps."""
    link, of_board = listing.link, kind or listing.kind_of_board
    shown = {name: query[name] for name in keep if query.get(name)}
    if kind:
        shown["kind"] = kind
    more = listing.picked.uses_more or query.get("filters") == "1"
    return {
        "listing": listing,
        "whose": listing.whose,
        "picked": listing.picked,
        "shows_more": more,
        "filtered": bool(listing.asked.keys() - {"kind"}),
        "hidden": list(shown.items()),
        # The board has a switch of its own between the kinds.
        "kinds": [] if kind else OpportunityKind.choices,
        "plain_url": f"?{urlencode(shown)}",
        "tabs": {
            "board": link(selectors.BOARD, state="", kind=of_board),
            "list": link(selectors.LIST, kind=kind or listing.picked.kind),
            "calendar": link(calendar.CALENDAR, state="", kind=kind or listing.picked.kind),
        },
    }


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """Opportunities of one kind by stage, as far as the viewer may see them."""
    reading = _reading(request, request.GET)
    context = _frame(reading.listing, request.GET, kind=reading.kind, keep=("lanes",))
    context |= {
        "board": reading.board(_page(request.GET)),
        "lanes_by_manager": request.user.branch_scope != [],
        "may_edit": may_record(request.user),
        "back": reading.back,
        "level": reading.level,
        "closed_days": selectors.CLOSED_DAYS,
    }
    return render(request, "pipeline/board/board.html", context)


@require_safe
def column(request: StaffRequest) -> HttpResponse:
    """The next cards of one column, for htmx; the same rows stand in the list."""
    reading = _reading(request, request.GET)
    stage = reading.listing.stage
    if stage is None:
        return _said(_("No such stage. Reload the board and choose from its columns."))
    rows = reading.rows.filter(stage=stage).values_list(*COLUMNS, named=True)
    page = paginate(rows, order=selectors.order_of(stage), query=request.GET, size=selectors.CARDS)
    context = {
        "cards": reading.builder.cards([Line._make(row) for row in page.items]),
        "stage": stage.key,
        "more_url": f"{selectors.COLUMN}{page.next_query}" if page.next_query else "",
        "list_url": reading.listing.link(selectors.LIST, scope="board", stage=stage.key),
    }
    return render(request, "pipeline/board/board_more.html", context)


@require_POST
def drop(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A card dropped on another column. Answers with the card as it is now, and the figures."""
    visible = Opportunity.objects.visible_to(request.user)
    row = get_object_or_404(visible.select_related("client", "stage"), public_id=public_id)
    if not Opportunity.objects.editable_by(request.user).filter(pk=row.pk).exists():
        raise PermissionDenied
    reading = _reading(request, QueryDict(request.POST.get("back", "")))
    stage = Stage.objects.filter(
        key=request.POST.get("stage", "").replace("\x00", ""),
        opportunity_kind=row.kind,
        is_active=True,
    ).first()
    version = request.POST.get("version", "")
    if stage is None or not (version.isascii() and version.isdigit() and len(version) < 10):
        return _said(_("No such stage. Reload the board and choose from its columns."))
    if row.state == Stage.Kind.OPEN and stage.kind != Stage.Kind.OPEN:
        return _ask(row, stage, reading)
    try:
        row = move(opportunity=row, stage=stage, by=request.user, version=int(version))
    except ChangedMeanwhile:
        return _drawn(request, reading, row, seen=request.POST.get("at", ""))
    except ValidationError as refused:
        if row.state != Stage.Kind.OPEN:
            return _said(" ".join(refused.messages))
        # The stage asks for something first: its own page says what, and takes it.
        return _ask(row, stage, reading)
    return _drawn(request, reading, row)


def _said(text: str) -> HttpResponse:
    """A sentence that htmx shows as it is."""
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def _ask(row: Opportunity, stage: Stage, reading: selectors.Reading) -> HttpResponse:
    """To the page that asks what a move to ``stage`` needs."""
    query = QueryDict(mutable=True)
    query.update({"stage": stage.key, "back": reading.back})
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = f"{address('pipeline:move', row.public_id)}?{query.urlencode()}"
    return answer


def _drawn(
    request: StaffRequest, reading: selectors.Reading, row: Opportunity, seen: str | None = None
) -> HttpResponse:
    """The card as it is now. ``seen``: the stage that it was drawn in for the one who came second."""
    now = Opportunity.objects.visible_to(request.user).select_related("client", "stage")
    row = get_object_or_404(now, pk=row.pk)
    columns = Opportunity.objects.visible_to(request.user).filter(pk=row.pk).values_list(*COLUMNS)
    line = Line._make(columns[0])
    heads = reading.heads(line)
    context = {
        "card": reading.builder.card(line),
        "stage": row.stage.key,
        "heads": heads,
        "level": reading.level,
    }
    if seen is not None:
        answer = render(request, "pipeline/board/board_card.html", context, status=409)
        text = came_second(row, request.user, seen)
        return trigger_client_event(answer, "toast", {"text": text, "level": "warning"})
    names = [head.stage.pk for head in heads]
    place = {"n": names.index(row.stage_id) + 1, "all": len(names)} if row.stage_id in names else {}
    said = _("%(client)s is now in “%(stage)s”.") % {"client": row.client, "stage": row.stage}
    if place:
        said += " " + _("Column %(n)s of %(all)s.") % place
    answer = render(request, "pipeline/board/board_card.html", context)
    return trigger_client_event(answer, "board-said", {"text": said})


@require_safe
def opportunities(request: StaffRequest) -> HttpResponse:
    """One list behind every figure of the pipeline; the filters stand in the address."""
    visible = Opportunity.objects.visible_to(request.user)
    listing = _listing(request, request.GET)
    rows = listing.rows(visible)
    columns = table.table(request.GET)
    fields = rows.values_list(*table.FIELDS, named=True)
    page = paginate(fields, order=columns.order, query=request.GET)
    total = rows.order_by().aggregate(count=Count("pk"), total=Sum("amount"))
    context = _frame(listing, request.GET, kind="", keep=_LISTS)
    context |= {
        "page": page,
        "rows": [table.drawn(row, today()) for row in page.items],
        "figures": selectors.Figures(**total),
        "stages": [s for s in listing.stages if listing.picked.kind in {"", s.opportunity_kind}],
        "heads": columns.heads(),
        "since": listing.since,
        "until": listing.until,
    }
    return render(request, "pipeline/board/opportunities.html", context)


@require_safe
def calendar_page(request: StaffRequest) -> HttpResponse:
    """The opportunities in progress by day."""
    visible = Opportunity.objects.visible_to(request.user)
    query = request.GET.copy()
    if query.get("state") in Stage.Kind.values:
        del query["state"]  # of the list; here stands what is in progress
    listing = _listing(request, query)
    by = request.GET.get("by", "") or calendar.BY[0]
    if by not in calendar.BY:
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    month = calendar.month(
        listing,
        visible,
        first=calendar.month_of(request.GET.get("month", "")),
        by=by,
        names=request.user.branch_scope != [] and not listing.whose.manager,
    )
    context = _frame(listing, request.GET, kind="", keep=("by", "month"))
    context |= {"month": month, "weekdays": [day.grid.day for day in month.days[:7]]}
    return render(request, "pipeline/board/calendar.html", context)


def came_second(row: Opportunity, viewer: Employee, seen: str) -> str:
    """A sentence on what happened to ``row`` since its card was drawn in the stage ``seen``."""
    last = row.moves.select_related("employee").order_by("-id").first()
    told = {"client": row.client.name, "stage": str(row.stage)}
    if last is None or last.to_stage_id != row.stage_id or row.stage.key == seen:
        if row.changed_by_id in {None, viewer.pk}:
            return (
                _(
                    "%(client)s was changed meanwhile and stays in “%(stage)s”. Look at the card, then"
                    " move it again."
                )
                % told
            )
        told["person"] = str(row.changed_by)
        return (
            _(
                "%(person)s changed %(client)s meanwhile, who stays in “%(stage)s”. Look at the card,"
                " then move it again."
            )
            % told
        )
    at = timezone.localtime(last.at)
    told["time"] = date_format(
        at, "TIME_FORMAT" if at.date() == today() else "SHORT_DATETIME_FORMAT"
    )
    if last.employee_id == viewer.pk:
        return _("You have moved %(client)s to “%(stage)s” already, at %(time)s.") % told
    if last.employee is None:
        return _("%(client)s was moved to “%(stage)s” at %(time)s.") % told
    told["person"] = last.employee.full_name
    return _("%(person)s moved %(client)s to “%(stage)s” at %(time)s.") % told
