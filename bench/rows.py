"""Which rows the walk opens: a typical one of each kind that an employee may see.

The key of an entry is the beginning of a route; the longest that fits names the row. So a new page
of a client needs no entry, and one of something new needs one (the walk stops and says so).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.admin import site
from django.db.models import QuerySet

from clients.file.rows import ROWS as FILE_ROWS
from clients.models import (
    Client,
    ClientImport,
    Document,
    FigureImport,
    FundAccount,
    HandOver,
    Segment,
)
from compliance.models import ExceptionCase, ReturnVisit, YearEnd
from crm import panels
from crm.models import Job, JobFile
from pipeline.models import AssessmentKind, Campaign, Channel, ChannelEntry, Opportunity, Stage
from staff.models import Employee
from visits.models import Callback, Script, Visit

Arguments = dict[str, Any]
# The arguments of each row to open; none where the employee has no such row.
Rows = Callable[[Employee], list[Arguments]]


def typical_client(employee: Employee) -> Client | None:
    """Of the clients with an account, one a third down from the latest contact."""
    visible = Client.objects.visible_to(employee)
    place = visible.count() // 3
    found = visible.filter(lifecycle="client").order_by("-last_contact_on", "id")
    return found[place : place + 1].first() or found.first()


def newest(rows: QuerySet[Any], **names: str) -> list[Arguments]:
    """Arguments of the newest of ``rows``: the name of each with the path to its value."""
    found = rows.order_by("-pk").values_list(*names.values()).first()
    return [dict(zip(names, found, strict=True))] if found else []


def _of_client(employee: Employee) -> list[Arguments]:
    client = typical_client(employee)
    return [{"public_id": client.public_id}] if client else []


def _panels(employee: Employee) -> list[Arguments]:
    """The panels that a client file asks for after itself."""
    return [row | {"key": key} for row in _of_client(employee) for key in panels.late("client")]


def _pair(employee: Employee) -> list[Arguments]:
    """Two clients that the employee may merge."""
    found = Client.objects.editable_by(employee).order_by("pk").values_list("public_id", flat=True)
    return (
        [{"left": left, "right": right} for left, right in [found[:2]]]
        if len(found[:2]) == 2
        else []
    )


def _seen(model: Any, **names: str) -> Rows:
    """The newest row that the access rule shows."""
    return lambda employee: newest(model.objects.visible_to(employee), **names)


def _near(model: Any) -> Rows:
    """The newest row of the firm's and of the branches around."""
    return lambda employee: newest(model.objects.filter(employee.near), pk="pk")


PUBLIC = {"public_id": "public_id"}
BELOW_CLIENT = {"public_id": "client__public_id"}
ROWS: dict[str, Rows] = {
    "clients/<uuid:public_id>/": _of_client,
    "clients/<uuid:public_id>/panels/<str:key>/": _panels,
    "clients/<uuid:public_id>/rows/<slug:key>/": lambda e: [
        row | {"key": key} for row in _of_client(e) for key in FILE_ROWS
    ],
    "clients/<uuid:public_id>/accounts/<int:pk>/": _seen(FundAccount, **BELOW_CLIENT, pk="pk"),
    "clients/<uuid:public_id>/documents/<uuid:key>/": _seen(
        Document, **BELOW_CLIENT, key="public_id"
    ),
    "prospects/<uuid:public_id>/": _of_client,
    "duplicates/<uuid:left>/<uuid:right>/": _pair,
    "hand-overs/<int:pk>/": _seen(HandOver, pk="pk"),
    "segments/<int:pk>/": _near(Segment),
    "plans/<int:pk>/": _near(Segment),
    "scripts/<int:pk>/": _near(Script),
    "scripts/<int:pk>/copy/": lambda e: newest(Script.objects.filter(branch=None), pk="pk"),
    "imports/<uuid:public_id>/": lambda e: newest(
        ClientImport.objects.filter(employee=e), **PUBLIC
    ),
    "figures/<uuid:public_id>/": _seen(FigureImport, **PUBLIC),
    "jobs/<uuid:public_id>/": lambda e: newest(Job.objects.filter(employee=e), **PUBLIC),
    "jobs/<uuid:public_id>/files/<int:pk>/": lambda e: newest(
        JobFile.objects.filter(job__employee=e), public_id="job__public_id", pk="pk"
    ),
    "notifications/<int:pk>/": lambda e: newest(e.notifications.all(), pk="pk"),
    "callbacks/<uuid:public_id>/": lambda e: newest(
        Callback.objects.visible_to(e).open().filter(kind="cadence"), **PUBLIC
    ),
    "callbacks/<uuid:public_id>/appointment/": lambda e: newest(_appointments(e), **PUBLIC),
    "callbacks/<uuid:public_id>/invitation.ics": lambda e: newest(_appointments(e), **PUBLIC),
    "visits/<uuid:public_id>/": _seen(Visit, **PUBLIC),
    "pipeline/<uuid:public_id>/": _seen(Opportunity, **PUBLIC),
    "pipeline/<uuid:public_id>/assess/<slug:which>/": lambda e: [
        row | {"which": which}
        for row in _seen(Opportunity, **PUBLIC)(e)
        for which in AssessmentKind.values
    ],
    "pipeline/next/<uuid:public_id>/": lambda e: newest(
        Opportunity.objects.visible_to(e).filter(state="open"), **PUBLIC
    ),
    "channels/<int:pk>/": _seen(Channel, pk="pk"),
    "channels/work/<int:pk>/": _seen(ChannelEntry, pk="pk"),
    "campaigns/<uuid:public_id>/": _seen(Campaign, **PUBLIC),
    "compliance/visits/<uuid:public_id>/": _seen(ReturnVisit, public_id="callback__public_id"),
    "compliance/cases/<uuid:public_id>/": _seen(ExceptionCase, **PUBLIC),
    "admin/^(?P<app_label>": lambda e: [
        {"app_label": app} for app in sorted({model._meta.app_label for model in site._registry})
    ],
    "compliance/coverage/<int:year>/": lambda e: [
        {"year": row["year"] + 1} for row in newest(YearEnd.objects.all(), year="year")
    ],
}


def _appointments(employee: Employee) -> QuerySet[Callback]:
    return Callback.objects.visible_to(employee).open().filter(kind="appointment")


# Pages that say 400 or 422 without a question in their address.
QUERIES: dict[str, Rows] = {
    "clients/search/": lambda _e: [{"q": "王"}],
    "pipeline/column/": lambda _e: newest(
        Stage.objects.filter(kind="open"), kind="opportunity_kind", stage="key"
    ),
    "campaigns/walk-in/": _seen(Campaign, campaign="public_id"),
    "admin/autocomplete/": lambda _e: [
        {"app_label": "clients", "model_name": "tag", "field_name": "branch", "term": ""}
    ],
}
# A route of the administration that speaks of a row: its table, and the name of the argument.
_TABLE = re.compile(r"admin/(\w+)/(\w+)/<(?:\w+:)?(\w+)>/")


def rows_of(route: str) -> Rows | None:
    """The entry for a route; ``None`` where there is none."""
    table = _TABLE.match(route)
    if table:
        app, model, name = table.groups()
        rows = apps.get_model(app, model)._default_manager
        return lambda _employee: newest(rows.all(), **{name: "pk"})
    fitting = [key for key in ROWS if route.startswith(key) and route.count("<") == key.count("<")]
    return ROWS[max(fitting, key=len)] if fitting else None
