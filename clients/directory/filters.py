"""The filters of the client list: read from the address, so that they can be linked and shared.

A figure of a board links here by ``?segment=3&manager=8&branch=2&lifecycle=client``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, partial
from itertools import islice
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.forms.boundfield import BoundField
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from clients.models import (
    Activity,
    ClientTag,
    CommissionTier,
    Lifecycle,
    Phone,
    RiskGrade,
    Segment,
    Source,
    Tag,
)
from clients.querysets import ClientQuerySet
from clients.search import matching
from crm.money import yuan
from crm.query_filters import (
    Chip,
    ChoiceFilter,
    DayFilter,
    IntegerFilter,
    KeyFilter,
    QueryFilter,
    SearchFilter,
    choices_of,
)
from crm.trading_days import today
from staff.branches import BranchName, branch_names
from staff.models import OWNERS, Branch, Employee

QUIET_DAYS = (30, 60, 90, 180)
# In CNY: what one asks for by assets, from the smallest size of clients to the largest.
AMOUNTS = (100_000, 500_000, 1_000_000, 3_000_000, 10_000_000)
MOST_AMOUNT = 10**13
# The most days "no contact since" accepts: a hundred years.
MOST_DAYS = 36_500
# So many clients can be named in an address; a page of the list holds fewer.
MOST_CHOSEN = 50
MAIN = ("segment", "lifecycle", "branch", "manager")
# Filters that are folded away until they are used.
MORE = (
    "assets_from",
    "assets_to",
    "quiet",
    "risk",
    "activity",
    "commission",
    "source",
    "tag",
    "phone",
    "opened_from",
    "opened_to",
)
# What a saved view keeps.
SAVED = (*MAIN, *MORE, "q")


def chosen_keys(texts: Iterable[str]) -> list[UUID]:
    """The public keys among ``texts``; what is none is left out."""
    keys = []
    for text in islice(texts, MOST_CHOSEN):
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return keys


class ClientFilter(QueryFilter):
    """What the address asks of the client list."""

    viewer: Employee
    apart = frozenset({"q"})
    segment = KeyFilter(label=_("Segment"))
    lifecycle = ChoiceFilter(choices=Lifecycle.choices, label=_("Lifecycle"))
    branch = KeyFilter(label=_("Branch"))
    manager = KeyFilter(label=_("Manager"), specials=["none"])
    risk = ChoiceFilter(
        choices=[*RiskGrade.choices, ("expired", _("Expired")), ("none", _("Not assessed"))],
        label=_("Risk grade"),
    )
    quiet = IntegerFilter(
        label=_("No effective contact for"), min_value=1, max_value=MOST_DAYS, widget=forms.Select
    )
    assets_from = IntegerFilter(
        "derived__assets",
        "gte",
        label=_("Assets ≥"),
        min_value=1,
        max_value=MOST_AMOUNT,
        widget=forms.Select,
    )
    assets_to = IntegerFilter(
        "derived__assets",
        "lt",
        label=_("Assets <"),
        min_value=1,
        max_value=MOST_AMOUNT,
        widget=forms.Select,
    )
    activity = ChoiceFilter(choices=Activity.choices, label=_("Activity"))
    commission = ChoiceFilter(
        "commission_tier", choices=CommissionTier.choices, label=_("Commission tier")
    )
    source = ChoiceFilter(choices=Source.choices, label=_("Source"))
    opened_from = DayFilter("opened_on", "gte", label=_("Account opened from"))
    opened_to = DayFilter("opened_on", "lte", label=_("Account opened until"))
    phone = ChoiceFilter(choices=[("none", _("No number that works"))], label=_("Phone"))
    tag = CharFilter(label=_("Tag"), widget=forms.Select)
    # Clients that were ticked one by one: an address of their own, within the same scope.
    only = CharFilter(label=_("Chosen clients"), widget=forms.HiddenInput)
    q = SearchFilter(label=_("Search"))

    def offer(self, name: str, field: Any) -> None:
        choices: dict[str, Callable[[], Iterable[tuple[Any, Any]]]] = {
            "segment": lambda: self.segments.items(),
            "branch": lambda: [(key, row.name) for key, row in self.branches.items()],
            "manager": lambda: [("none", gettext("Nobody")), *self.managers],
            "quiet": self._quiet_choices,
            "assets_from": partial(self._amounts, "assets_from"),
            "assets_to": partial(self._amounts, "assets_to"),
            "tag": lambda: self.tags,
        }
        if name in choices:
            field.widget.choices = partial(choices_of, choices[name])

    def check(self) -> None:
        for name, accepts in (
            ("segment", lambda key: key in self.segments),
            ("branch", self._accepts_branch),
            ("manager", self._accepts_manager),
            ("only", lambda text: chosen_keys(text.split("."))),
        ):
            if (value := self.values.get(name)) and not accepts(value):
                self.refuse(name)

    @cached_property
    def segments(self) -> dict[int, Segment]:
        """Segments of the firm and of the branches the reader sees or works in."""
        scope = self.viewer.branch_scope
        if scope is None:
            return self.all_segments
        mine = {None, *scope, *self._above}
        return {pk: row for pk, row in self.all_segments.items() if row.branch_id in mine}

    @property
    def _above(self) -> list[int]:
        """The reader's branch and those above it."""
        branch = self.viewer.branch
        return [int(pk) for pk in branch.path.strip("/").split("/")] if branch else []

    @cached_property
    def all_segments(self) -> dict[int, Segment]:
        """Every segment, for the names of those that clients are in."""
        return {row.pk: row for row in Segment.objects.all()}

    @cached_property
    def branches(self) -> dict[int, BranchName]:
        """Branches within the reader's scope; none where there is but one to choose from."""
        scope = self.viewer.branch_scope
        if scope is not None and len(scope) < 2:
            return {}
        rows = Branch.objects.all() if scope is None else Branch.objects.filter(pk__in=scope)
        return {row.pk: row for row in branch_names(rows)}

    @property
    def sees_managers(self) -> bool:
        """Whether the reader sees clients of more than one manager."""
        return self.viewer.branch_scope is None or bool(self.viewer.branch_scope)

    def filter_branch(self, rows: ClientQuerySet, key: int) -> ClientQuerySet:
        return rows.filter(branch__in=self._subtree(key))

    def filter_manager(self, rows: ClientQuerySet, key: int | str) -> ClientQuerySet:
        return rows.filter(manager=key if isinstance(key, int) else None)

    def filter_risk(self, rows: ClientQuerySet, grade: str) -> ClientQuerySet:
        if grade == "none":
            return rows.filter(risk_grade="")
        if grade == "expired":
            return rows.filter(~Q(risk_grade="") & Q(risk_expires_on__lt=today()))
        return rows.filter(risk_grade=grade)

    def filter_quiet(self, rows: ClientQuerySet, days: int) -> ClientQuerySet:
        limit = today() - timedelta(days=days)
        return rows.filter(
            Q(last_contact_on__lt=limit) | Q(last_contact_on=None, recorded_on__lt=limit)
        )

    def filter_tag(self, rows: ClientQuerySet, name: str) -> ClientQuerySet:
        return rows.filter(pk__in=ClientTag.objects.filter(tag__name=name[:30]).values("client"))

    def filter_phone(self, rows: ClientQuerySet, _none: str) -> ClientQuerySet:
        dialled = Phone.objects.filter(client=OuterRef("pk"), valid_to=None)
        return rows.filter(~Exists(dialled))

    def filter_only(self, rows: ClientQuerySet, keys: str) -> ClientQuerySet:
        return rows.filter(public_id__in=chosen_keys(keys.split(".")))

    def filter_q(self, rows: ClientQuerySet, text: str) -> ClientQuerySet:
        return matching(rows, text)

    def _accepts_branch(self, key: int) -> bool:
        return key == self.viewer.branch_id or key in self.branches

    def _subtree(self, key: int) -> list[int]:
        branch = self.branches.get(key)
        if branch is None:
            return [key]
        return [row.pk for row in self.branches.values() if row.path.startswith(branch.path)]

    def _accepts_manager(self, key: int | str) -> bool:
        if not self.sees_managers:
            return key == self.viewer.pk
        if key == "none":
            return True
        people = Employee.objects.filter(pk=key)
        scope = self.viewer.branch_scope
        if scope is not None:
            people = people.filter(branch__in=scope)
        return people.exists()

    @cached_property
    def fields_offered(self) -> list[BoundField]:
        """The fields of all filters; of branch, manager and tag where there is a choice."""
        choices = {"branch": self.branches, "manager": self.managers, "tag": self.tags}
        return [self.form[name] for name in (*MAIN, *MORE) if choices.get(name, True)]

    def _quiet_choices(self) -> list[tuple[int, str]]:
        asked = self.values.get("quiet")
        wording = gettext("%(days)s days")
        return [(n, wording % {"days": n}) for n in sorted({*QUIET_DAYS, asked or QUIET_DAYS[0]})]

    def _amounts(self, name: str) -> list[tuple[int, str]]:
        asked = self.values.get(name)
        return [
            (n, yuan(Decimal(n)))
            for n in sorted({*AMOUNTS, AMOUNTS[0] if asked is None else asked})
        ]

    def _chip(self, name: str, text: str) -> Chip:
        chip = super()._chip(name, text)
        if name != "only" or name in self.errors:
            return chip
        count = len(chosen_keys(text.split(".")))
        words = ngettext("%(n)s client", "%(n)s clients", count) % {"n": count}
        return replace(chip, words=words)

    @cached_property
    def tags(self) -> list[tuple[str, str]]:
        """Words of the firm and the reader's branches; those of the same name are one choice."""
        rows = Tag.objects.order_by("name").values_list("name", flat=True).distinct()
        scope = self.viewer.branch_scope
        if scope is not None:
            rows = rows.filter(Q(branch=None) | Q(branch__in=[*scope, *self._above]))
        return [(name, name) for name in rows[:200]]

    @cached_property
    def managers(self) -> list[tuple[int, str]]:
        """Who may be chosen: a whole firm's managers are no list, so the branch comes first."""
        if not self.sees_managers:
            return []
        people = Employee.objects.filter(is_active=True, role__in=OWNERS)
        branch, manager = self.values.get("branch"), self.values.get("manager")
        if not self.branches:
            people = people.filter(branch__in=self.viewer.branch_scope or [])
        elif branch:
            people = people.filter(branch__in=self._subtree(branch))
        elif isinstance(manager, int) and self._accepts_manager(manager):
            people = people.filter(pk=manager)
        else:
            return []
        return list(people.order_by("full_name", "pk").values_list("pk", "full_name"))
