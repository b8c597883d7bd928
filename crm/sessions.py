"""Sessions: as Django keeps them, with a key that is one of ours or none."""

from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore


class SessionStore(CachedStore):
    """The engine that settings.SESSION_ENGINE names."""

    def _validate_session_key(self, key: Any) -> bool:
        """Keys are made of letters and digits; a cookie may hold what no database takes, such as NUL."""
        return bool(super()._validate_session_key(key) and key.isalnum())
