"""Statements that a connection keeps prepared: parsed and planned once, not at each use.

Planning one client is much text and little work: PostgreSQL took three quarters of its time to read
and plan the statements. A prepared statement belongs to a session of the server. Which ones it has
is asked within the transaction that uses them, so connections may change between transactions, as
behind a pool. A plan is made anew when tables or their statistics change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

# The plan must not depend on the values: it is kept.
_KNOWN = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
       ARRAY (SELECT name FROM pg_prepared_statements)
"""
_PARAMETER = re.compile(r"%\((\w+)\)s")


class _Statement(NamedTuple):
    """A text as the server keeps it; ``parameters`` in the order of their numbers."""

    name: str
    parameters: tuple[str, ...]
    text: str


class Prepared:
    """Runs statements on ``cursor`` within one transaction, prepared where they are not yet.

    ``types`` has the SQL type of each parameter; unlike in a text of its own, a statement knows them
    before it knows the values.
    """

    def __init__(self, cursor: Any, types: Mapping[str, str]) -> None:
        self.cursor = cursor
        self.types = types
        cursor.execute(_KNOWN)
        self._known: set[str] = set(cursor.fetchone()[1])

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> None:
        """Run ``statement``; those of ``parameters`` that it does not name are left out."""
        name, names, text = _numbered(statement)
        values = ", ".join(["%s"] * len(names))
        call = f"EXECUTE {name} ({values})" if names else f"EXECUTE {name}"
        if name not in self._known:
            types = ", ".join(self.types[known] for known in names)
            escaped = text.replace("%", "%%")
            call = f"PREPARE {name}{f' ({types})' if names else ''} AS {escaped}; {call}"
            self._known.add(name)
        self.cursor.execute(call, [parameters[known] for known in names])


@lru_cache(maxsize=64)
def _numbered(statement: str) -> _Statement:
    """The statement with ``$1`` in place of the first parameter that it names, and so on."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
    text = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    return _Statement(f"crm_{sha256(text.encode()).hexdigest()[:16]}", names, text)
