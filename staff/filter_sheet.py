"""The filters of a list beside it: asked for when somebody wants them, so that the list is light."""

from __future__ import annotations

from collections.abc import Sequence

from django.forms.boundfield import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from crm.paging import PARAMETER
from staff.http import StaffRequest


def kept(query: QueryDict, *names: str) -> list[tuple[str, str]]:
    """What a form beside a list sends along: all that is said in the address but ``names``."""
    lists = [(name, values) for name, values in query.lists() if name not in names]
    return [(name, value) for name, values in lists for value in values if value]


def filter_sheet(
    request: StaffRequest, fields: Sequence[BoundField], list_url: str
) -> HttpResponse:
    """The fields as a part of the list that htmx asks for, else as a page of their own."""
    shown = [field.name for field in fields]
    context = {"fields": fields, "list_url": list_url, "query": request.GET.urlencode()}
    context["kept"] = kept(request.GET, PARAMETER, *shown)
    template = "components/filter_sheet.html" if request.htmx else "components/filter_page.html"
    return render(request, template, context)
