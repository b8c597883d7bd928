"""Filters of the lists of callbacks and of visits; every one stands in the address.

The board links here, so what a filter counts is what the board counts: ``manager`` of a callback
is who is due to act, of a visit who made it; ``branch`` is the branch of the client, with all
under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Segment
from crm import trading_days
from crm.forms import offer
from crm.localized import localized
from staff.models import OWNERS, Branch, Employee
from visits.lists import grouping
from visits.models import Callback, Outcome, Visit

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


class _NamedField(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = _Names


class _Filter(forms.Form):
    """Base: choices within the viewer's scope, all optional."""

    segment = _NamedField(
        Segment.objects.all(), required=False, label=_("Segment"), empty_label=_("All segments")
    )
    branch = forms.ModelChoiceField(
        Branch.objects.none(), required=False, label=_("Branch"), empty_label=_("All branches")
    )
    manager = _NamedField(
        Employee.objects.none(), required=False, label=_("Manager"), empty_label=_("All managers")
    )

    def __init__(self, data: Any, viewer: Employee) -> None:
        super().__init__(data)
        scope = viewer.branch_scope
        branches = Branch.objects.all()
        managers = Employee.objects.filter(role__in=OWNERS).order_by("full_name")
        if scope is None:
            pass
        elif scope:
            branches = branches.filter(pk__in=scope)
            managers = managers.filter(branch__in=scope)
        else:
            branches = branches.filter(pk=viewer.branch_id or 0)
            managers = managers.filter(pk=viewer.pk)
        self._only(managers, branches, scope)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                attrs = {"type": "date", "class": "form-control"}
                field.widget = forms.DateInput(attrs=attrs, format="%Y-%m-%d")
            else:
                field.widget.attrs["class"] = "form-select"
                if isinstance(field.widget, forms.Select):
                    field.widget.template_name = "components/select.html"

    def _only(
        self, managers: QuerySet[Employee], branches: QuerySet[Branch], scope: list[int] | None
    ) -> None:
        """A book of one's own needs no choice of branch; the firm's managers are too many."""
        offer(self.fields["branch"], branches)
        offer(self.fields["manager"], managers)
        if scope is not None and not scope:
            for name in ("branch", "manager"):
                self.fields[name].widget = forms.HiddenInput()
            return
        if len(scope or branches.values_list("pk", flat=True)) == 1:
            self.fields["branch"].widget = forms.HiddenInput()
            return
        chosen = self.data.get("branch", "")
        if chosen.isdecimal():
            near = Q(branch__path__contains=f"/{chosen}/") | Q(pk=self._chosen_manager())
            offer(self.fields["manager"], managers.filter(near))
        else:
            near = Q(pk=self._chosen_manager())
            self.fields["manager"].widget.choices = [
                ("", _("All managers")),
                *((row.pk, str(row)) for row in managers.filter(near)),
            ]

    def _chosen_manager(self) -> int:
        chosen = str(self.data.get("manager", ""))
        return int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0

    def _common(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        found = self.cleaned_data
        if found.get("segment"):
            rows = rows.filter(client__segment=found["segment"])
        if found.get("branch"):
            rows = rows.filter(client__branch__in=found["branch"].subtree_ids())
        if found.get("manager"):
            rows = rows.filter(employee=found["manager"])
        return rows

    def _between(self, rows: QuerySet[Any], column: str, name: str) -> QuerySet[Any]:
        """Rows whose ``column`` lies within ``<name>_from`` and ``<name>_to``, both included."""
        first: date | None = self.cleaned_data.get(f"{name}_from")
        last: date | None = self.cleaned_data.get(f"{name}_to")
        if first:
            rows = rows.filter(**{f"{column}__gte": first})
        if last:
            rows = rows.filter(**{f"{column}__lte": last})
        return rows


class CallbackFilter(_Filter):
    """Callbacks by state, kind, segment, person, branch and dates; open ones if nothing is said."""

    status = forms.ChoiceField(choices=STATUSES, required=False, label=_("Status"))
    kind = forms.ChoiceField(
        choices=[("", _("All kinds")), *Callback.Kind.choices], required=False, label=_("Kind")
    )
    due_from = forms.DateField(required=False, label=_("Due from"))
    due_to = forms.DateField(required=False, label=_("Due to"))
    done_from = forms.DateField(required=False, label=_("Done from"))
    done_to = forms.DateField(required=False, label=_("Done to"))
    field_order = [
        *("status", "segment", "kind", "branch", "manager"),
        *("due_from", "due_to", "done_from", "done_to"),
    ]

    def __init__(self, data: Any, viewer: Employee) -> None:
        super().__init__(data, viewer)
        unused = "due" if self.data.get("status") == Callback.Status.DONE else "done"
        for name in (f"{unused}_from", f"{unused}_to"):
            self.fields[name].widget = forms.HiddenInput()

    def rows(self, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        """The callbacks asked for; none where the question makes no sense."""
        if not self.is_valid():
            return rows.none()
        return self._of(rows, self.cleaned_data["status"] or "open")

    def _of(self, rows: QuerySet[Callback], status: str) -> QuerySet[Callback]:
        rows = self._status(self._common(rows), status)
        if self.cleaned_data["kind"]:
            rows = rows.filter(kind=self.cleaned_data["kind"])
        rows = self._between(rows, "due_on", "due")
        if status == Callback.Status.DONE:  # what is open has no such date
            rows = self._between(rows, "done_on", "done")
        return rows

    def counts(self, viewer: Employee) -> dict[str, str]:
        """How many this list would have under each tab of what is open; one statement."""
        if not self.is_valid():
            return {}
        rows = self._of(Callback.objects.visible_to(viewer), "open")
        late, now, ahead = grouping.counted(rows, few=self._is_few(viewer))
        counts = {
            "open": late + now + ahead,
            "overdue": late,
            "due_today": now,
            "to_do": late + now,
            "upcoming": ahead,
        }
        return {status: grouping.shown(count) for status, count in counts.items()}

    def _is_few(self, viewer: Employee) -> bool:
        """Whether the list is about the clients of one person or of one branch."""
        branch: Branch | None = self.cleaned_data["branch"]
        if branch is not None and branch.kind == Branch.Kind.BRANCH:
            return True
        return viewer.branch_scope is not None and len(viewer.branch_scope) <= 1

    @staticmethod
    def _status(rows: QuerySet[Callback], status: str) -> QuerySet[Callback]:
        day = trading_days.today()
        if status in {Callback.Status.DONE, Callback.Status.CANCELLED}:
            return rows.filter(status=status)
        rows = rows.filter(status=Callback.Status.OPEN)
        meanings: dict[str, dict[str, Any]] = {
            "open": {},
            "overdue": {"due_on__lt": day},
            "due_today": {"due_on": day},
            "to_do": {"due_on__lte": day},
            "upcoming": {"due_on__gt": day},
            "over_capacity": {"over_capacity": True},
            "unassigned": {"employee": None},
        }
        return rows.filter(**meanings[status])


class CalendarFilter(_Filter):
    """Whose calendar: one's own; heads choose a manager, or see numbers of a branch."""

    segment = None  # type: ignore[assignment]

    def __init__(self, data: Any, viewer: Employee) -> None:
        super().__init__(data, viewer)
        self.viewer = viewer

    def chosen(self) -> dict[str, Any]:
        """What was chosen, by name."""
        found = self.cleaned_data if self.is_valid() else {}
        return {name: found[name] for name in ("branch", "manager") if found.get(name)}

    def whose(self) -> Employee | None:
        """Whose cards are drawn; ``None`` for numbers of a scope."""
        chosen: Employee | None = self.chosen().get("manager")
        if chosen is not None or self.viewer.branch_scope != []:
            return chosen
        return self.viewer

    def scoped(self, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        """Callbacks of the branch, where one is chosen; who acts is the calendar's to say."""
        branch = self.chosen().get("branch")
        return rows.filter(client__branch__in=branch.subtree_ids()) if branch else rows


class VisitFilter(_Filter):
    """Contacts by person, date, outcome, segment and branch; void entries are left out."""

    outcome = forms.ModelChoiceField(
        Outcome.objects.all(), required=False, label=_("Outcome"), empty_label=_("All outcomes")
    )
    reached = forms.ChoiceField(
        choices=[("", _("Reached or not")), ("1", _("Reached")), ("0", _("Not reached"))],
        required=False,
        label=_("Reached"),
    )
    rated = forms.ChoiceField(
        choices=[("", _("Rated or not")), ("1", _("Rated"))],
        required=False,
        label=_("Satisfaction"),
    )
    date_from = forms.DateField(required=False, label=_("From"))
    date_to = forms.DateField(required=False, label=_("To"))
    field_order = [
        *("date_from", "date_to", "outcome", "reached", "rated", "segment", "branch", "manager"),
    ]

    def rows(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        """The contacts asked for; none where the question makes no sense."""
        if not self.is_valid():
            return rows.none()
        return self._of(self._common(rows))

    def beside(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        """The same question to everybody of ``rows``, whoever made the contact."""
        if not self.is_valid():
            return rows.none()
        segment = self.cleaned_data["segment"]
        return self._of(rows.filter(client__segment=segment) if segment else rows)

    def _of(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        found = self.cleaned_data
        rows = rows.filter(void=False)
        if found["outcome"]:
            rows = rows.filter(outcome=found["outcome"])
        if found["reached"]:
            rows = rows.filter(reached=found["reached"] == "1")
        if found["rated"]:
            rows = rows.filter(satisfaction_service__isnull=False)
        return self._between(rows, "occurred_on", "date")
