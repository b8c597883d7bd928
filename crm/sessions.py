"""Sessions: as Django keeps them, under a key that may be one of ours, or none."""

from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore


class SessionStore(CachedStore):
    """The engine that settings.SESSION_ENGINE names."""

    def __init__(self, session_key: str | None = None) -> None:
        """A cookie may hold what no database takes, such as NUL; ours are letters and digits."""
        super().__init__(session_key if session_key and session_key.isalnum() else None)
