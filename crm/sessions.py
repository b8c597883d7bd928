"""Sessions: as Django keeps them, under a key that may be one of ours, or none."""

from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore

# Django's keys have 32 letters and digits; the column takes 40.
LONGEST_KEY = 40


class SessionStore(CachedStore):
    """The engine that settings.SESSION_ENGINE names."""

    def __init__(self, session_key: str | None = None) -> None:
        """A cookie may hold what neither database nor cache takes, such as NUL or a long text."""
        ours = session_key is not None and session_key.isalnum() and len(session_key) <= LONGEST_KEY
        super().__init__(session_key if ours else None)
