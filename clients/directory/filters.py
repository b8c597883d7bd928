"""The filters of the client list: read from the address, so that they can be linked and shared.

A figure of a board links here by ``?segment=3&manager=8&branch=2&lifecycle=client``. A value that
is no choice within the reader's scope (malformed, or another branch's) is named in ``errors``;
the list then shows nothing rather than other clients than those that were asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from uuid import UUID

from django.db.models import Q, TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients.models import (
    Activity,
    ClientTag,
    CommissionTier,
    Lifecycle,
    RiskGrade,
    Segment,
    Source,
    Tag,
)
from clients.querysets import ClientQuerySet
from clients.search import matching
from crm.localized import listed
from crm.trading_days import today
from staff.branches import BranchName, branch_names
from staff.models import OWNERS, Branch, Employee

QUIET_DAYS = (30, 60, 90, 180)
# The most days "no contact since" accepts: a hundred years.
MOST_DAYS = 36_500
LONGEST_QUERY = 60
# So many clients can be named in an address; a page of the list holds fewer.
MOST_CHOSEN = 50


ASKED = (
    *("segment", "lifecycle", "activity", "branch", "manager", "risk", "source", "quiet", "tag"),
    "commission",
)
# Filters that are folded away until they are used.
MORE = ("risk", "quiet", "activity", "commission", "source", "tag")


def chosen_keys(texts: Iterable[str]) -> list[UUID]:
    """The public keys among ``texts``; what is none is left out."""
    keys = []
    for text in islice(texts, MOST_CHOSEN):
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return keys


@dataclass(frozen=True)
class Select:
    """One drop-down of the filter bar."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    chosen: str

    @property
    def html(self) -> SafeString:
        """The element. Choices are few and the same for many readers, so the last ones are kept."""
        return _element(self.name, _("All"), self.choices, self.chosen)


@lru_cache(maxsize=256)
def _element(
    name: str, every: str, choices: tuple[tuple[str, str], ...], chosen: str
) -> SafeString:
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, mark_safe(" selected") if value == chosen else "", label)
            for value, label in [("", every), *choices]
        ),
    )
    return format_html(
        '<select class="form-select" id="filter-{}" name="{}">{}</select>', name, name, options
    )


@lru_cache(maxsize=16)
def _fixed_choices(language: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Choices that are the same for everybody who reads ``language``."""
    kinds: dict[str, type[TextChoices]] = {
        "lifecycle": Lifecycle,
        "risk": RiskGrade,
        "activity": Activity,
        "commission": CommissionTier,
        "source": Source,
    }
    found = {
        name: tuple((str(key), str(label)) for key, label in kind.choices)
        for name, kind in kinds.items()
    }
    found["risk"] += (("expired", _("Expired")), ("none", _("Not assessed")))
    return found


class ClientFilter:
    """What the address asks for, within the scope of ``employee``."""

    def __init__(self, query: QueryDict, employee: Employee) -> None:
        self.employee = employee
        self.text = query.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
        self.errors: list[str] = []
        # A NUL can be in no row, and the database takes none.
        texts = {name: query.get(name, "").replace("\x00", "\ufffd").strip() for name in ASKED}
        self.asked = {name: text for name, text in texts.items() if text}
        # Clients that were ticked one by one: an address of their own, within the same scope.
        self.only = chosen_keys(query.get("only", "").split(".")) if query.get("only") else None

    @property
    def is_used(self) -> bool:
        return bool(self.asked or self.text or self.only is not None)

    @cached_property
    def segments(self) -> dict[int, Segment]:
        """Segments of the firm and of the branches the reader sees or works in."""
        scope = self.employee.branch_scope
        if scope is None:
            return self.all_segments
        above = self.employee.branch.path.strip("/").split("/") if self.employee.branch else []
        mine = {None, *scope, *map(int, above)}
        return {pk: row for pk, row in self.all_segments.items() if row.branch_id in mine}

    @cached_property
    def all_segments(self) -> dict[int, Segment]:
        """Every segment, for the names of those that clients are in."""
        return {row.pk: row for row in Segment.objects.all()}

    @cached_property
    def branches(self) -> dict[int, BranchName]:
        """Branches within the reader's scope; none where there is but one to choose from."""
        scope = self.employee.branch_scope
        if scope is not None and len(scope) < 2:
            return {}
        rows = Branch.objects.all() if scope is None else Branch.objects.filter(pk__in=scope)
        return {row.pk: row for row in branch_names(rows)}

    @property
    def sees_managers(self) -> bool:
        """Whether the reader sees clients of more than one manager."""
        return self.employee.branch_scope is None or bool(self.employee.branch_scope)

    @property
    def misread(self) -> str:
        """The fields of ``errors``, for a sentence."""
        return listed(self.errors)

    def apply(self, clients: ClientQuerySet) -> ClientQuerySet:
        """``clients`` narrowed to what was asked; none of them where that is not understood."""
        conditions = self._conditions()
        if self.errors:
            return clients.none()
        clients = clients.filter(conditions)
        if self.only is not None:
            clients = clients.filter(public_id__in=self.only)
        return matching(clients, self.text) if self.text else clients

    def _conditions(self) -> Q:
        found = Q()
        for name, choices in (
            ("lifecycle", Lifecycle.values),
            ("activity", Activity.values),
            ("source", Source.values),
        ):
            if value := self._choice(name, choices):
                found &= Q(**{name: value})
        if value := self._choice("commission", CommissionTier.values):
            found &= Q(commission_tier=value)
        if value := self._choice("risk", [*RiskGrade.values, "none", "expired"]):
            found &= _risk(value)
        if value := self._choice("segment", self.segments):
            found &= Q(segment=int(value))
        if value := self._choice("branch", self._branch_keys()):
            found &= Q(branch__in=self._subtree(int(value)))
        if value := self._choice("manager", self._manager_keys()):
            found &= Q(manager=None if value == "none" else int(value))
        if tag := self.asked.get("tag"):
            found &= Q(pk__in=ClientTag.objects.filter(tag__name=tag[:30]).values("client"))
        if days := self.asked.get("quiet"):
            found &= self._quiet(days)
        return found

    def _choice(self, name: str, choices: Iterable[object]) -> str:
        value = self.asked.get(name, "")
        if value and value not in {str(choice) for choice in choices}:
            self.errors.append(self._labels()[name])
            return ""
        return value

    def _branch_keys(self) -> list[int]:
        if "branch" not in self.asked:
            return []
        own = self.employee.branch_id
        return [*self.branches, *([own] if own else [])]

    def _subtree(self, pk: int) -> list[int]:
        branch = self.branches.get(pk)
        if branch is None:
            return [pk]
        return [row.pk for row in self.branches.values() if row.path.startswith(branch.path)]

    def _manager_keys(self) -> list[int | str]:
        value = self.asked.get("manager", "")
        if not self.sees_managers:
            return [self.employee.pk]
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            return ["none"]
        people = Employee.objects.filter(pk=int(value))
        scope = self.employee.branch_scope
        if scope is not None:
            people = people.filter(branch__in=scope)
        return list(people.values_list("pk", flat=True))

    def _quiet(self, value: str) -> Q:
        if not (value.isascii() and value.isdigit() and 0 < int(value[:6]) <= MOST_DAYS):
            self.errors.append(self._labels()["quiet"])
            return Q()
        limit = today() - timedelta(days=int(value[:6]))
        return Q(last_contact_on__lt=limit) | Q(last_contact_on=None, recorded_on__lt=limit)

    @staticmethod
    def _labels() -> dict[str, str]:
        return {
            "segment": _("Segment"),
            "lifecycle": _("Lifecycle"),
            "activity": _("Activity"),
            "commission": _("Commission tier"),
            "branch": _("Branch"),
            "manager": _("Manager"),
            "risk": _("Risk grade"),
            "source": _("Source"),
            "quiet": _("No contact for"),
            "tag": _("Tag"),
        }

    @cached_property
    def selects(self) -> list[Select]:
        """The drop-downs, each with what is chosen."""
        labels = self._labels()
        fixed = _fixed_choices(get_language() or "")
        choices = {"segment": tuple((str(pk), str(row)) for pk, row in self.segments.items())}
        choices["lifecycle"] = fixed["lifecycle"]
        if self.branches:
            choices["branch"] = tuple((str(pk), row.name) for pk, row in self.branches.items())
        if managers := self._managers():
            choices["manager"] = (("none", _("Nobody")), *managers)
        choices["risk"] = fixed["risk"]
        choices["quiet"] = self._quiet_choices()
        choices["activity"] = fixed["activity"]
        choices["commission"] = fixed["commission"]
        choices["source"] = fixed["source"]
        if tags := self._tags():
            choices["tag"] = tags
        return [
            Select(name, labels[name], rows, self.asked.get(name, ""))
            for name, rows in choices.items()
        ]

    @property
    def main_selects(self) -> list[Select]:
        return [select for select in self.selects if select.name not in MORE]

    @property
    def more_selects(self) -> list[Select]:
        return [select for select in self.selects if select.name in MORE]

    @property
    def uses_more(self) -> bool:
        """Whether the folded part holds a filter in use."""
        return any(name in MORE for name in self.asked)

    def _quiet_choices(self) -> tuple[tuple[str, str], ...]:
        days = set(QUIET_DAYS)
        asked = self.asked.get("quiet", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 6:
            days.add(int(asked))
        wording = _("%(days)s days")
        return tuple((str(day), wording % {"days": day}) for day in sorted(days))

    def _tags(self) -> tuple[tuple[str, str], ...]:
        """Words of the firm and the reader's branches; those of the same name are one choice."""
        rows = Tag.objects.order_by("name").values_list("name", flat=True).distinct()
        scope = self.employee.branch_scope
        if scope is not None:
            above = self.employee.branch.path.strip("/").split("/") if self.employee.branch else []
            rows = rows.filter(Q(branch=None) | Q(branch__in=[*scope, *above]))
        return tuple((name, name) for name in rows[:200])

    def _managers(self) -> list[tuple[str, str]]:
        """Who may be chosen: a whole firm's managers are no list, so the branch comes first."""
        if not self.sees_managers:
            return []
        people = Employee.objects.filter(is_active=True, role__in=OWNERS)
        branch = self.asked.get("branch", "")
        manager = self.asked.get("manager", "")
        if not self.branches:
            people = people.filter(branch__in=self.employee.branch_scope or [])
        elif branch.isascii() and branch.isdigit() and len(branch) < 10:
            people = people.filter(branch__in=self._subtree(int(branch)))
        elif manager.isascii() and manager.isdigit() and len(manager) < 10:
            people = people.filter(pk__in=self._manager_keys())
        else:
            return []
        rows = people.order_by("full_name", "pk").values_list("pk", "full_name")
        return [(str(pk), name) for pk, name in rows]


def _risk(value: str) -> Q:
    if value == "none":
        return Q(risk_grade="")
    if value == "expired":
        return ~Q(risk_grade="") & Q(risk_expires_on__lt=today())
    return Q(risk_grade=value)
