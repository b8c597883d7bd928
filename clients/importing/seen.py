"""The set of keys seen in a file, stored on disk to bound memory."""

from __future__ import annotations

import sqlite3


class Seen:
    """A set of texts in a temporary file, deleted with its last reference."""

    def __init__(self) -> None:
        # The empty name is SQLite's for a temporary file that it removes itself.
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.execute("PRAGMA cache_size = -8000")
        self._base.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._base.execute("BEGIN")

    def add(self, key: str) -> bool:
        """Whether the key is new; from now on it is not."""
        return self._base.execute("INSERT OR IGNORE INTO seen VALUES (?)", [key]).rowcount == 1
