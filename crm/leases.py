"""Leases: how workers share rows of work without one of them holding it for ever.

A row is claimed by one conditional UPDATE that says until when it is held. Whoever works on it extends
the lease, and gives it back or ends it; both succeed only while the row is still theirs, which the
number of attempts tells. What a dead worker left is claimed anew once its lease has run out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Held:
    """A row leased by this worker; ``attempt`` tells it from an earlier lease."""

    pk: int
    attempt: int


@dataclass(frozen=True)
class Lease(Generic[Row]):
    """How rows of ``model`` are leased.

    ``until`` and ``state`` are its fields; a row waits or is held by the values ``waiting`` and
    ``held`` of its state. Its field ``attempts`` counts the leases.
    ``length``: how long a lease holds that nobody extends.
    ``longest``: no lease or pause is longer; one that seems so was written by a clock that ran ahead.
    """

    model: type[Row]
    until: str
    state: str
    waiting: str
    held: str
    length: timedelta
    longest: timedelta

    @property
    def free(self) -> str:
        """SQL: nobody holds the row ``l``. Asks for what ``moment`` gives."""
        return (
            f"l.{self.state} IN ('{self.waiting}', '{self.held}') AND (l.{self.until} IS NULL"
            f" OR l.{self.until} <= %(now)s OR l.{self.until} > %(ahead)s)"
        )

    def moment(self, now: datetime) -> dict[str, datetime]:
        """Parameters of ``free``."""
        return {"now": now, "ahead": now + self.longest}

    def claim(
        self,
        now: datetime,
        *,
        where: str,
        parameters: Mapping[str, Any],
        limit: int = 1,
        order: str = "l.id",
    ) -> list[Held]:
        """Lease rows that nobody holds, of those ``where`` (SQL about ``l``) names.

        Others skip what is locked here. Chosen apart: within an IN, PostgreSQL may choose anew for
        each row, and lease more than the limit.
        """
        table = self.model._meta.db_table
        statement = f"""
            WITH ready AS MATERIALIZED (
                SELECT l.id FROM {table} l WHERE {self.free} AND {where}
                ORDER BY {order} LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED)
            UPDATE {table} c
            SET {self.state} = '{self.held}', {self.until} = %(until)s, attempts = attempts + 1
            FROM ready WHERE c.id = ready.id
            RETURNING c.id, c.attempts
        """  # noqa: S608 - of our own parts
        given = {**parameters, **self.moment(now), "until": now + self.length, "limit": limit}
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            return [Held(*row) for row in cursor.fetchall()]

    def mine(self, held: Held) -> models.QuerySet[Row]:
        """The row, while this worker holds it; none once it was lost to another."""
        return self.model._default_manager.filter(
            **{"pk": held.pk, self.state: self.held, "attempts": held.attempt}
        )

    def extend(
        self, held: Held, now: datetime, *, where: models.Q | None = None, **to: Any
    ) -> bool:
        """Hold the row for another length and change its fields ``to``; False where it was lost.

        ``where`` is what has to be true of the row besides.
        """
        rows = self.mine(held).filter(where or models.Q())
        return bool(rows.update(**{self.until: now + self.length, **to}))

    def give_back(self, held: Held, *, until: datetime | None = None, **to: Any) -> bool:
        """Have the row wait again, not to be claimed before ``until``; False where it was lost."""
        return self.end(held, self.waiting, until=until, **to)

    def end(self, held: Held, state: str, *, until: datetime | None = None, **to: Any) -> bool:
        """Leave the row in a state, with fields changed ``to``; False where it was lost."""
        return bool(self.mine(held).update(**{self.state: state, self.until: until, **to}))

    def run_out(self, now: datetime) -> models.Q:
        """Rows whose worker is dead: nobody extended their lease."""
        return models.Q(**{self.state: self.held, f"{self.until}__lte": now})


def lost(column: str, now: datetime, after: timedelta) -> models.Q:
    """Rows handed out so long ago that nobody works on them, by the moment in ``column``.

    One in the future was written by a clock that ran ahead.
    """
    return models.Q(**{f"{column}__lte": now - after}) | models.Q(**{f"{column}__gt": now})


def sweep(
    rows: models.QuerySet[Any],
    now: datetime,
    *,
    sent: str = "sent_at",
    columns: Sequence[str] = ("pk",),
    limit: int = 1000,
) -> list[tuple[Any, ...]]:
    """Mark rows as handed out again, each by one of the workers that sweep; their ``columns``."""
    with transaction.atomic():
        locked = rows.select_for_update(skip_locked=True)
        found = list(locked.values_list("pk", *columns)[:limit])
        rows.model._default_manager.filter(pk__in=[pk for pk, *_ in found]).update(**{sent: now})
    return [tuple(values) for _pk, *values in found]
