"""Reads of a reconciliation report: counts, and the differences of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from clients.figures.load import PAGE
from clients.models import (
    FigureDifference,
    FigureImport,
    FundAccount,
    MonthlyFigure,
    mask_account,
)
from clients.querysets import seen_by
from staff.models import Employee


@dataclass(frozen=True)
class Tally:
    """A count of the report; ``kind`` where there are differences to list."""

    label: str
    count: int
    kind: str = ""
    warns: bool = False

    @property
    def text(self) -> str:
        """The count, grouped by thousands."""
        return f"{self.count:,}"


@dataclass(frozen=True)
class DifferenceRow:
    """A difference as the page shows it."""

    account: str
    client: str
    url: str
    month: str
    line: int | None = None
    what: str = ""
    before: str = ""
    after: str = ""
    # What the file says more than we had; '' where one of both is unknown.
    difference: str = ""
    reason: str = ""


def tallies(report: FigureImport) -> list[Tally]:
    """All rows of the file and of ours, so that nothing is dropped in silence."""
    kinds = FigureDifference.Kind
    return [
        Tally(_("New"), report.created),
        Tally(_("Changed"), report.updated, kinds.CHANGED),
        Tally(_("Unchanged"), report.unchanged),
        Tally(_("Unknown to us"), report.unknown, kinds.UNKNOWN, warns=True),
        Tally(_("Refused"), report.refused, kinds.REFUSED, warns=True),
        Tally(_("Repeated"), report.repeated, kinds.REPEATED, warns=True),
        Tally(_("Older than ours"), report.older, kinds.OLDER, warns=True),
        Tally(_("Missing in the file"), report.missing, kinds.MISSING, warns=True),
        Tally(_("Totals that differ"), report.totals_off, kinds.TOTAL, warns=True),
    ]


def differences(
    report: FigureImport, kind: str, viewer: Employee
) -> QuerySet[FigureDifference, FigureDifference]:
    """Differences of a kind; ``named`` says whether the viewer may see the client."""
    rows = FigureDifference.objects.filter(report=report, kind=kind)
    rows = rows.select_related("account__client")
    return rows.annotate(named=_named(viewer, "account__client__", Q(account__isnull=False)))


def _named(viewer: Employee, path: str, more: Q) -> Case:
    """Whether ``more`` holds, which asks something, and the client at ``path`` is in sight."""
    rule = seen_by(viewer, path) & more
    return Case(When(rule, then=Value(True)), default=Value(False), output_field=BooleanField())


def size(rows: QuerySet[FigureDifference, FigureDifference]) -> int:
    """How many rows make a page: one, where each names a page of missing accounts."""
    return 1 if rows.exclude(accounts=[]).exists() else PAGE


def lines(rows: list[FigureDifference], viewer: Employee) -> list[DifferenceRow]:
    """Rows for display: account numbers masked, clients named only to viewers who may see them."""
    return [line for row in rows for line in (_missing(row, viewer) or [_line(row)])]


def _missing(row: FigureDifference, viewer: Employee) -> list[DifferenceRow]:
    """A row for each account, deleted ones included."""
    accounts = FundAccount.objects.filter(pk__in=row.accounts).select_related("client")
    known = {
        a.pk: a
        for a in accounts.annotate(named=_named(viewer, "client__", Q(client__isnull=False)))
    }
    rows = []
    for key in row.accounts:
        account = known.get(key)
        seen = account.client if account and getattr(account, "named", False) else None
        rows.append(
            DifferenceRow(
                account=account.masked if account else mask_account(""),
                client=seen.name if seen else "",
                url=seen.get_absolute_url() if seen else "",
                month=f"{row.month:%Y-%m}" if row.month else "",
            )
        )
    return rows


def _line(row: FigureDifference) -> DifferenceRow:
    account, client = row.account, row.account and row.account.client
    masked = account.masked if account else mask_account(row.last4) if row.last4 else ""
    seen = client if client and getattr(row, "named", False) else None
    return DifferenceRow(
        line=row.line,
        account=masked,
        client=seen.name if seen else "",
        url=seen.get_absolute_url() if seen else "",
        month=f"{row.month:%Y-%m}" if row.month else "",
        what=_what(row),
        before=_grouped(row.before),
        after=_grouped(row.after),
        difference=_difference(row.before, row.after),
        reason=row.reason,
    )


def _grouped(text: str) -> str:
    """A number with its thousands apart; a day and what is unknown as they are."""
    number = _number(text)
    return text if number is None else f"{number:,}"


def _difference(before: str, after: str) -> str:
    old, new = _number(before), _number(after)
    return "" if old is None or new is None else f"{new - old:+,}"


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _what(row: FigureDifference) -> str:
    """The value in the reader's words; behind the branch in a branch's total."""
    if row.kind == FigureDifference.Kind.REFUSED:
        return row.field
    branch, _space, name = row.field.rpartition(" ")
    labels = {field.name: field.verbose_name for field in MonthlyFigure._meta.fields}
    return f"{branch} {labels.get(name, name)}".strip()
