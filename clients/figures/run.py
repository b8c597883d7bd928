"""One run over a file of figures: read, reconcile, load, derive."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from clients.figures.derive import derive
from clients.figures.load import load
from clients.figures.mapping import FigureMapping
from clients.figures.rows import FigureReader
from clients.figures.spool import Spool
from clients.models import FigureDifference, FigureImport, MonthlyFigure
from clients.querysets import reconciled_branches
from crm.statistics import analyze
from staff.middleware import name_employee
from staff.models import Branch, Employee


@dataclass(frozen=True)
class Order:
    """File, mapping, and the scope of accounts it may contain."""

    path: Path
    name: str
    mapping: FigureMapping
    by: Employee | None = None
    branch: Branch | None = None
    as_of: date | None = None
    dry_run: bool = False
    job: UUID | None = None

    @property
    def reach(self) -> list[int] | None:
        """Branches in reach: those of ``branch`` that the employee also reaches."""
        own = reconciled_branches(self.by) if self.by else None
        if self.branch is None:
            return own
        under = self.branch.subtree_ids()
        return under if own is None else [pk for pk in under if pk in own]


def import_figures(
    order: Order, *, errors: Path, progress: Callable[[int], None] = lambda done: None
) -> FigureImport:
    """Import a file, or reconcile it only; ``errors`` gets line, column and reason of bad rows.

    ``progress`` is told the rows read so far, outside the transaction, and may raise to stop.
    Raises FileRefused where the file as a whole cannot be read; then nothing was written.
    """
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), errors)
        spool.fill(order.path, FigureReader(order.mapping, order.as_of), progress)
        progress(spool.rows)
        with transaction.atomic():
            name_employee(order.by)
            report, touched = _load(order, spool)
    if not order.dry_run:
        analyze(MonthlyFigure, FigureDifference)
        derive(clients=touched)
    return report


def _load(order: Order, spool: Spool) -> tuple[FigureImport, list[int]]:
    key = _next_key()
    source = order.mapping.source
    loaded = load(spool, report=key, source=source, reach=order.reach, dry=order.dry_run)
    counts = loaded.counts
    # The head is written last, whole: the report is append-only.
    report = FigureImport.objects.create(
        pk=key,
        by=order.by,
        branch=order.branch or _own_branch(order.by),
        file_name=order.name[:200],
        mapping=order.mapping.name,
        source=source,
        dry_run=order.dry_run,
        job=order.job,
        rows=spool.rows,
        created=counts.get("new", 0),
        updated=counts.get("changed", 0),
        unchanged=counts.get("same", 0) + counts.get("confirmed", 0),
        refused=spool.refused,
        unknown=counts.get("unknown", 0),
        repeated=counts.get("repeated", 0),
        older=counts.get("older", 0),
        missing=loaded.missing,
        totals_off=loaded.totals_off,
        months=loaded.months,
    )
    return report, loaded.clients


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [FigureImport._meta.db_table]
        )
        return int(cursor.fetchone()[0])


def _own_branch(employee: Employee | None) -> Branch | None:
    """The branch that an employee's report covers; ``None`` for employees with firm-wide scope."""
    if employee is None or reconciled_branches(employee) is None:
        return None
    return employee.branch
