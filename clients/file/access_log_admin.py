"""The access log as people read it: who did what with whose data, when and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client, FundAccount, Identity, Phone
from crm.addresses import address
from crm.admin_base import ReadOnlyAdmin, Rows
from crm.models import AccessLog
from crm.trading_days import today
from staff.http import employee_of
from staff.models import Employee, Role

# So many are offered; whoever is looked for beyond them is found by the search.
MOST_PEOPLE = 50
# What is logged by a word of its own instead of by its table.
SUBJECTS = {
    "phone": Phone._meta.verbose_name,
    "identity": Identity._meta.verbose_name,
    "account": FundAccount._meta.verbose_name,
    "clients.export": gettext_lazy("client export"),
    "day_sheet": gettext_lazy("day sheet"),
}


class PersonFilter(admin.SimpleListFilter):
    """Who did it: those who are in the log."""

    title = gettext_lazy("employee")
    parameter_name = "employee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """People in the log, as far as this person may see it."""
        rows = model_admin.get_queryset(request).order_by().filter(employee=OuterRef("pk"))
        people = Employee.objects.filter(Exists(rows)).order_by("full_name", "pk")[:MOST_PEOPLE]
        return [(str(person.pk), str(person)) for person in people]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Theirs; no rows for what is no number."""
        if self.value() is None:
            return queryset
        key = self.value() or ""
        return (
            queryset.filter(employee=int(key))
            if key.isdecimal() and len(key) < 19
            else queryset.none()
        )


class DayFilter(admin.SimpleListFilter):
    """When it was done: one day, typed or chosen in a calendar."""

    title = gettext_lazy("day")
    parameter_name = "day"
    template = "admin/day_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Today at a click; every other day is typed."""
        self.others = [
            (name, value)
            for name, value in request.GET.items()
            if name not in {self.parameter_name, "p", "all"}
        ]
        return [(today().isoformat(), _("Today"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Of that day; no rows for what is no date."""
        if not self.value():
            return queryset
        try:
            day = date.fromisoformat(self.value() or "")
        except ValueError:
            return queryset.none()
        return queryset.filter(at__date=day)


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """Who saw whose number in the clear, and why."""

    task = "audit"
    place = 10
    about = gettext_lazy("Who saw or took out whose data, when and why.")
    list_display = ("when", "employee", "done", "client", "subject", "reason")
    fields = list_display
    list_display_links = ("when",)
    list_filter = (DayFilter, "action", PersonFilter)
    list_select_related = ("employee",)
    search_fields = ("employee__username", "employee__full_name")
    search_help_text = gettext_lazy("Name of the employee, or the whole name of the client.")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Entries about visible clients; all of them for superusers."""
        if request.user.is_superuser:
            return rows
        if getattr(request.user, "role", "") != Role.COMPLIANCE:
            # Who called for a return visit tells that there was one.
            rows = rows.exclude(subject_type__startswith="compliance.")
        clients = Client.objects.visible_to(employee_of(request))
        return rows.filter(client_id__in=clients.values("pk"))

    def get_queryset(self, request: HttpRequest) -> Rows:
        """With the client by name, where this person may see it."""
        clients = Client.objects.visible_to(employee_of(request)).filter(pk=OuterRef("client_id"))
        rows: Rows = (
            super()
            .get_queryset(request)
            .annotate(
                client_name=Subquery(clients.values("name")[:1]),
                client_address=Subquery(clients.values("public_id")[:1]),
            )
        )
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: Rows, search_term: str
    ) -> tuple[Rows, bool]:
        """Also by the whole name of a client that this person may see."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        if search_term.strip():
            clients = Client.objects.visible_to(employee_of(request))
            named = clients.filter(name=search_term.strip()).values("pk")
            people = Employee.objects.filter(
                Q(full_name__icontains=search_term.strip())
                | Q(username__icontains=search_term.strip())
            )
            found = queryset.filter(Q(client_id__in=named) | Q(employee__in=people.values("pk")))
        return found, distinct

    @admin.display(description=gettext_lazy("at"), ordering=F("id"))
    def when(self, entry: AccessLog) -> str:
        """To the second: several in a minute are told apart."""
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=gettext_lazy("what was done"), ordering="action")
    def done(self, entry: AccessLog) -> str:
        """The act, with how many rows left the product."""
        words = entry.get_action_display()
        if entry.row_count is None:
            return words
        return _("%(act)s (rows: %(count)s)") % {"act": words, "count": entry.row_count}

    @admin.display(description=gettext_lazy("client"))
    def client(self, entry: Any) -> str:
        """The client, with the way to its file; by number where it is hidden or purged."""
        if entry.client_name is not None:
            url = address("clients:detail", entry.client_address)
            context = {"url": url, "name": entry.client_name}
            return render_to_string("admin/client_link.html", context)
        if entry.client_id is None:
            return "—"
        return _("No. %(number)s, not visible or deleted") % {"number": entry.client_id}

    @admin.display(description=gettext_lazy("subject"), ordering="subject_type")
    def subject(self, entry: AccessLog) -> str:
        """What was seen, by its kind and number."""
        return f"{capfirst(_subject(entry.subject_type))} {entry.subject_id}"


def _subject(kind: str) -> str:
    if kind in SUBJECTS:
        return str(SUBJECTS[kind])
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind
