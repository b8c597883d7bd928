"""The board, the list and the calendar of opportunities: three views of the same set."""

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
from pipeline.board.facts import Figures
from pipeline.board.list_filter import OpportunityListFilter
from pipeline.models import Opportunity, OpportunityKind, Stage
from pipeline.opportunities.gates import first_gate
from pipeline.opportunities.moving import undo_address
from pipeline.opportunities.services import ChangedMeanwhile, move
from staff.http import StaffRequest
from staff.models import Employee

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


def _lanes(query: QueryDict) -> str:
    by = query.get("lanes", "")
    if by and by not in selectors.LANES_BY:
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    return by


def _reading(request: StaffRequest, query: QueryDict) -> selectors.Reading:
    """The board that ``query`` asks for, of what the viewer may see."""
    filters, by = OpportunityListFilter(query, request.user), _lanes(query)
    builder = CardBuilder(
        day=today(),
        may_edit=may_record(request.user),
        shows_manager=request.user.branch_scope != [] and not filters.chosen_manager,
        back=filters.link("", lanes=by).lstrip("?"),
    )
    visible = Opportunity.objects.visible_to(request.user)
    return selectors.Reading(filters, visible, builder, by=by)


def _page(query: QueryDict) -> int:
    text = query.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _frame(
    filters: OpportunityListFilter, query: QueryDict, *, kind: str, keep: tuple[str, ...]
) -> dict[str, Any]:
    """What board, list and calendar have in common. ``keep``: what their own address keeps."""
    link, of_board = filters.link, kind or filters.kind_of_board
    shown = {name: query[name] for name in keep if query.get(name)}
    if kind:
        shown["kind"] = kind
    more = filters.uses_more or query.get("filters") == "1"
    return {
        "filters": filters,
        "shows_more": more,
        "filtered": bool(filters.carried.keys() - {"kind"}),
        "hidden": list(shown.items()),
        # The board has a switch of its own between the kinds.
        "kinds": [] if kind else OpportunityKind.choices,
        "plain_url": f"?{urlencode(shown)}",
        "tabs": {
            "board": link(selectors.BOARD, state="", kind=of_board),
            "list": link(selectors.LIST, kind=kind or filters.chosen_kind),
            "calendar": link(calendar.CALENDAR, state="", kind=kind or filters.chosen_kind),
        },
    }


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """Opportunities of one kind by stage, as far as the viewer may see them."""
    reading = _reading(request, request.GET)
    context = _frame(reading.filters, request.GET, kind=reading.kind, keep=("lanes",))
    context |= {
        "board": reading.board(_page(request.GET), request.GET.get("at", "")),
        "lanes_by_manager": request.user.branch_scope != [],
        "may_edit": may_record(request.user),
        "back": reading.back,
        "level": reading.level,
        "closed_days": selectors.CLOSED_DAYS,
    }
    return render(request, "pipeline/board/board.html", context, status=reading.filters.status)


@require_safe
def column(request: StaffRequest) -> HttpResponse:
    """The next cards of one column, for htmx; the list has the same rows."""
    reading = _reading(request, request.GET)
    stage = reading.filters.chosen_stage
    if stage is None or not reading.filters.is_valid():
        return _said(_("No such stage. Reload the board and choose from its columns."))
    rows = reading.rows.filter(stage=stage).values_list(*COLUMNS, named=True)
    page = paginate(rows, order=selectors.order_of(stage), query=request.GET, size=selectors.CARDS)
    context = {
        "cards": reading.builder.cards([Line._make(row) for row in page.items]),
        "stage": stage.key,
        "more_url": f"{selectors.COLUMN}{page.next_query}" if page.next_query else "",
        "list_url": reading.filters.link(selectors.LIST, scope="board", stage=stage.key),
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
    if not reading.filters.is_valid():
        return _said(_("No such choice. Go back to the page and choose from its list."))
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
    return _drawn(request, reading, row, moved=True)


def _said(text: str) -> HttpResponse:
    """A sentence that htmx shows as it is."""
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def _ask(row: Opportunity, stage: Stage, reading: selectors.Reading) -> HttpResponse:
    """Send htmx to the first assessment before ``stage``, else to the questions of the move."""
    query = urlencode({"stage": stage.key, "back": reading.back})
    page = f"{address('pipeline:move', row.public_id)}?{query}"
    gate = first_gate(row, stage, seen=row.version, back=reading.back)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = gate or page
    return answer


def _drawn(
    request: StaffRequest,
    reading: selectors.Reading,
    row: Opportunity,
    *,
    seen: str | None = None,
    moved: bool = False,
) -> HttpResponse:
    """The present card. ``seen``: the stage that the user saw, if another change came first.

    ``moved``: it was moved just now, and the way back is offered.
    """
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
        text = conflict_message(row, request.user, seen)
        return trigger_client_event(answer, "toast", {"text": text, "level": "warning"})
    names = [head.stage.pk for head in heads]
    place = {"n": names.index(row.stage_id) + 1, "all": len(names)} if row.stage_id in names else {}
    said = _("%(client)s is now in “%(stage)s”.") % {"client": row.client, "stage": row.stage}
    told: dict[str, Any] = {"text": said}
    if moved and row.state == Stage.Kind.OPEN:
        told |= {"undo": undo_address(row, reading.back), "undo_text": _("Undo")}
    if place:
        said += " " + _("Column %(n)s of %(all)s.") % place
    answer = render(request, "pipeline/board/board_card.html", context)
    trigger_client_event(answer, "toast", told)
    return trigger_client_event(answer, "board-said", {"text": said})


@require_safe
def opportunities(request: StaffRequest) -> HttpResponse:
    """The list behind every figure of the pipeline; filters are parameters of the address."""
    visible = Opportunity.objects.visible_to(request.user)
    filters = OpportunityListFilter(request.GET, request.user)
    rows = filters.narrow(visible)
    columns = table.table(request.GET)
    fields = rows.values_list(*table.FIELDS, named=True)
    page = paginate(fields, order=columns.order, query=request.GET)
    total = rows.order_by().aggregate(count=Count("pk"), total=Sum("amount"))
    context = _frame(filters, request.GET, kind="", keep=_LISTS)
    context |= {
        "page": page,
        "rows": [table.drawn(row, today()) for row in page.items],
        "figures": Figures(**total),
        "stages": [s for s in filters.stages if filters.chosen_kind in {"", s.opportunity_kind}],
        "heads": columns.heads(),
        "since": filters.values.get("from_"),
        "until": filters.values.get("to"),
    }
    return render(request, "pipeline/board/opportunities.html", context, status=filters.status)


@require_safe
def calendar_page(request: StaffRequest) -> HttpResponse:
    """The opportunities in progress by day."""
    visible = Opportunity.objects.visible_to(request.user)
    query = request.GET.copy()
    if query.get("state") in Stage.Kind.values:
        del query["state"]  # of the list; here stands what is in progress
    filters = OpportunityListFilter(query, request.user)
    by = request.GET.get("by", "") or calendar.BY[0]
    if by not in calendar.BY:
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    month = calendar.month(
        filters,
        visible,
        first=calendar.month_of(request.GET.get("month", "")),
        by=by,
        names=request.user.branch_scope != [] and not filters.chosen_manager,
    )
    context = _frame(filters, request.GET, kind="", keep=("by", "month"))
    context |= {"month": month, "weekdays": [day.grid.day for day in month.days[:7]]}
    return render(request, "pipeline/board/calendar.html", context, status=filters.status)


def conflict_message(row: Opportunity, viewer: Employee, seen: str) -> str:
    """A sentence on who changed ``row`` since the viewer saw its card in the stage ``seen``."""
    last = row.moves.select_related("employee").order_by("-id").first()
    values = {"client": row.client.name, "stage": str(row.stage)}
    if last is None or last.to_stage_id != row.stage_id or row.stage.key == seen:
        if row.changed_by_id in {None, viewer.pk}:
            return (
                _(
                    "%(client)s was changed meanwhile and stays in “%(stage)s”. Look at the card, then"
                    " move it again."
                )
                % values
            )
        values["person"] = str(row.changed_by)
        return (
            _(
                "%(person)s changed %(client)s meanwhile, who stays in “%(stage)s”. Look at the card,"
                " then move it again."
            )
            % values
        )
    at = timezone.localtime(last.at)
    values["time"] = date_format(
        at, "TIME_FORMAT" if at.date() == today() else "SHORT_DATETIME_FORMAT"
    )
    if last.employee_id == viewer.pk:
        return _("You have moved %(client)s to “%(stage)s” already, at %(time)s.") % values
    if last.employee is None:
        return _("%(client)s was moved to “%(stage)s” at %(time)s.") % values
    values["person"] = last.employee.full_name
    return _("%(person)s moved %(client)s to “%(stage)s” at %(time)s.") % values
