"""Filters of the lists of callbacks and of visits; every one stands in the address.

The board links here, so what a filter counts is what the board counts: ``manager`` of a callback
is who is due to act, of a visit who made it; ``branch`` is the branch of the client, with all
under it. Confidential rows, return visits among them, are in neither: compliance/ has lists of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import ModelChoiceFilter
from django_filters.fields import ModelChoiceField

from clients.models import Segment
from crm import trading_days
from crm.localized import localized
from crm.query_filters import Chip, ChoiceFilter, DayFilter, QueryFilter, Rows, choices_of
from staff.models import OWNERS, Branch, Employee
from visits.lists import grouping
from visits.models import Callback, Outcome, Visit
from visits.querysets import CLOSED_WITH_ANOTHER

STATUSES = [
    ("open", pgettext_lazy("callback", "Open")),
    ("overdue", _("Overdue")),
    ("due_today", _("Due today")),
    ("to_do", _("Due or overdue")),
    ("upcoming", _("Upcoming")),
    ("done", _("Done")),
    ("cancelled", _("Cancelled")),
    ("over_capacity", _("Over capacity")),
    ("unassigned", _("Nobody to act")),
]


class _Names(ModelChoiceIterator):  # type: ignore[type-arg]
    """Choices by the columns of their names: to make whole rows of them took longer than the list."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield "", self.field.empty_label
        if issubclass(self.queryset.model, Employee):
            for key, name, login in self.queryset.values_list("pk", "full_name", "username"):
                yield key, name or login
        else:
            for row in self.queryset.values_list("pk", "name_zh", "name_en", named=True):
                yield row.pk, localized(row, "name")


class _NamedField(ModelChoiceField):
    iterator = _Names


class NamedFilter(ModelChoiceFilter):
    """A row of a table with names, chosen by its name."""

    field_class = _NamedField


class CalendarFilter(QueryFilter):
    """Branch and manager within the viewer's scope: one's own calendar; for heads a manager's."""

    viewer: Employee
    branch = ModelChoiceFilter(
        queryset=Branch.objects.all(), label=_("Branch"), empty_label=_("All branches")
    )
    manager = NamedFilter(
        "employee",
        queryset=Employee.objects.filter(role__in=OWNERS).order_by("full_name"),
        label=_("Manager"),
        empty_label=_("All managers"),
    )

    order: ClassVar[tuple[str, ...]] = ("branch", "manager")

    @cached_property
    def _only_branch(self) -> bool:
        return len(self.viewer.branch_scope or Branch.objects.values_list("pk")[:2]) == 1

    def offer(self, name: str, field: Any) -> None:
        """A book of one's own needs no choice of branch; the firm's managers are too many."""
        if name not in {"branch", "manager"}:
            return
        scope = self.viewer.branch_scope
        if scope == []:
            own = self.viewer.branch_id if name == "branch" else self.viewer.pk
            field.queryset = field.queryset.filter(pk=own or 0)
            field.widget = forms.HiddenInput()
            return
        if scope is not None:
            within = "pk__in" if name == "branch" else "branch__in"
            field.queryset = field.queryset.filter(**{within: scope})
        if name == "manager" and not self._only_branch:
            self._offer_near(field)
        elif name == "branch" and self._only_branch:
            field.widget = forms.HiddenInput()

    def _offer_near(self, field: Any) -> None:
        """Managers of the chosen branch, and the chosen one; every manager can still be asked for."""
        branch, manager = self.data.get("branch", ""), self.data.get("manager", "")
        near = Q(pk=int(manager) if manager.isdecimal() and len(manager) < 12 else 0)
        if branch.isdecimal():
            field.queryset = field.queryset.filter(near | Q(branch__path__contains=f"/{branch}/"))
        else:
            rows = [(row.pk, str(row)) for row in field.queryset.filter(near)]
            field.widget.choices = choices_of(rows, field.empty_label)

    def filter_branch(self, rows: Rows, branch: Branch) -> Rows:
        return rows.filter(client__branch__in=branch.subtree_ids())

    def chosen(self) -> dict[str, Any]:
        """The branch and the manager that were chosen, by name."""
        found = self.values if self.is_valid() else {}
        return {name: found[name] for name in ("branch", "manager") if found.get(name)}

    def cards_of(self) -> Employee | None:
        """Whose cards the calendar draws; ``None`` for numbers of a scope."""
        manager: Employee | None = self.chosen().get("manager")
        return self.viewer if manager is None and self.viewer.branch_scope == [] else manager

    def scoped(self, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        """Callbacks of the branch, where one is chosen; who acts is the calendar's to say."""
        if not self.is_valid():
            return rows.none()
        branch = self.chosen().get("branch")
        return self.filter_branch(rows, branch) if branch else rows


class ListFilter(CalendarFilter):
    """What both lists have in common."""

    segment = NamedFilter(
        "client__segment",
        queryset=Segment.objects.all(),
        label=_("Segment"),
        empty_label=_("All segments"),
    )

    @property
    def shown_chips(self) -> list[Chip]:
        """Without what has no field for this viewer: one's own name, one's own branch."""
        return [chip for chip in super().shown_chips if not self.form[chip.name].is_hidden]


class CallbackFilter(ListFilter):
    """Callbacks by state, kind, segment, person, branch and dates; open ones if nothing is said."""

    status = ChoiceFilter("", choices=STATUSES, label=_("Status"), widget=forms.HiddenInput)
    kind = ChoiceFilter(choices=Callback.Kind.choices, every=_("All kinds"), label=_("Kind"))
    due_from = DayFilter("due_on", "gte", label=_("Due from"))
    due_to = DayFilter("due_on", "lte", label=_("Due to"))
    done_from = DayFilter("", label=_("Done from"))
    done_to = DayFilter("", label=_("Done to"))
    order = ("segment", "kind", "branch", "manager", "due_from", "due_to", "done_from", "done_to")

    def offer(self, name: str, field: Any) -> None:
        super().offer(name, field)
        unused = "due" if self.data.get("status") == Callback.Status.DONE else "done"
        if name in {f"{unused}_from", f"{unused}_to"}:
            field.widget = forms.HiddenInput()

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows = super().filter_queryset(queryset)
        return self._in_status(rows, self.values.get("status") or "open")

    def _in_status(self, rows: Rows, status: str) -> Rows:
        day = trading_days.today()
        if status in {Callback.Status.DONE, Callback.Status.CANCELLED}:
            rows = rows.filter(status=status)
        if status == Callback.Status.DONE:  # what is open has no such date
            days = {
                "done_on__gte": self.values.get("done_from"),
                "done_on__lte": self.values.get("done_to"),
            }
            rows = rows.exclude(CLOSED_WITH_ANOTHER)
            return rows.filter(**{lookup: day for lookup, day in days.items() if day})
        if status == Callback.Status.CANCELLED:
            return rows
        meanings: dict[str, dict[str, Any]] = {
            "open": {},
            "overdue": {"due_on__lt": day},
            "due_today": {"due_on": day},
            "to_do": {"due_on__lte": day},
            "upcoming": {"due_on__gt": day},
            "over_capacity": {"over_capacity": True},
            "unassigned": {"employee": None},
        }
        return rows.filter(status=Callback.Status.OPEN, **meanings[status])

    def counts(self) -> dict[str, str]:
        """How many this list would have under each tab of what is open; one statement."""
        if not self.is_valid():
            return {}
        rows = Callback.objects.visible_to(self.viewer, confidential=False)
        rows = self._in_status(super().filter_queryset(rows), "open")
        late, now, ahead = grouping.counted(rows, few=self._is_few)
        counts = {
            "open": late + now + ahead,
            "overdue": late,
            "due_today": now,
            "to_do": late + now,
            "upcoming": ahead,
        }
        return {status: grouping.shown(count) for status, count in counts.items()}

    @property
    def _is_few(self) -> bool:
        """Whether the list is about the clients of one person or of one branch."""
        branch: Branch | None = self.values.get("branch")
        if branch is not None and branch.kind == Branch.Kind.BRANCH:
            return True
        return self.viewer.branch_scope is not None and len(self.viewer.branch_scope) <= 1


class VisitFilter(ListFilter):
    """Contacts by person, date, outcome, segment and branch; void entries are left out."""

    outcome = ModelChoiceFilter(
        queryset=Outcome.objects.all(), label=_("Outcome"), empty_label=_("All outcomes")
    )
    reached = ChoiceFilter(
        choices=[("1", _("Reached")), ("0", _("Not reached"))],
        every=_("Reached or not"),
        label=_("Reached"),
    )
    rated = ChoiceFilter(
        choices=[("1", _("Rated"))], every=_("Rated or not"), label=_("Satisfaction")
    )
    date_from = DayFilter("occurred_on", "gte", label=_("From"))
    date_to = DayFilter("occurred_on", "lte", label=_("To"))
    order = ("date_from", "date_to", "outcome", "rated", "segment", "branch", "manager")

    apart = frozenset({"reached"})

    def filter_queryset(self, queryset: Rows) -> Rows:
        return super().filter_queryset(queryset.filter(void=False))

    def filter_reached(self, rows: Rows, value: str) -> Rows:
        return rows.filter(reached=value == "1")

    def filter_rated(self, rows: Rows, _value: str) -> Rows:
        return rows.filter(satisfaction_service__isnull=False)

    def of_everybody(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        """The same question to everybody of ``rows``, no matter who made the contact."""
        names = [name for name in self.data if name not in {"branch", "manager"}]
        rows = rows.filter(void=False)
        return self._left_by(names, rows) if self.is_valid() else rows.none()
