"""Readers of the environment that raise nothing: what they cannot read is told by a check.

Each answers a harmless value in place of an unreadable one and keeps a fault, which
``crm/checks.py`` reports; nothing serves with one. An empty variable counts as not set.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import available_timezones

import environ

DATABASES = frozenset({"postgres", "postgresql", "psql", "pgsql"})
REDIS = frozenset({"redis", "rediss"})
SOCKETS = frozenset({"unix", "redis+socket"})
YES = frozenset({"1", "true", "yes", "y", "on", "ok"})
NO = frozenset({"0", "false", "no", "n", "off"})
# Nothing listens there.
NOWHERE = "127.0.0.1:1"


@dataclass(frozen=True)
class Fault:
    """One variable that cannot be read: id of the check, sentence, what to do."""

    id: str
    sentence: str
    hint: str


class Environment:
    """The variables of a process, with what is wrong about them in ``faults``."""

    def __init__(self) -> None:
        self.given = environ.Env.ENVIRON
        self.faults: list[Fault] = []

    def _fault(self, number: int, name: str, hint: str) -> None:
        # The value is not repeated: it may hold a password.
        self.faults.append(Fault(f"crm.E{number:03}", f"{name} cannot be read.", hint))

    def text(self, name: str, default: str = "") -> str:
        """The text as it stands."""
        return self.given.get(name, "").strip() or default

    def texts(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """Parts between commas."""
        parts = [part.strip() for part in self.given.get(name, "").split(",")]
        return [part for part in parts if part] or list(default)

    def one_of(self, name: str, choices: Iterable[str], default: str) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value in set(choices):
            return value
        self._fault(14, name, f"Set it to one of: {', '.join(choices)}.")
        return default

    def zone(self, name: str, default: str) -> str:
        """A time zone by its name."""
        value = self.text(name, default)
        if value in available_timezones():
            return value
        self._fault(14, name, f"Set it to the name of a time zone, such as {default}.")
        return default

    def truth(self, name: str, *, default: bool) -> bool:
        """1 or 0; the usual words for them, too."""
        value = self.text(name).lower()
        if value in YES or value in NO:
            return value in YES
        if value:
            self._fault(14, name, "Set it to 1 or 0.")
        return default

    def number(self, name: str, *, default: int, most: int = 10**9) -> int:
        """A whole number from 0 to ``most``."""
        value = self.text(name, str(default))
        if value.isascii() and value.isdecimal() and int(value) <= most:
            return int(value)
        self._fault(13, name, f"Set it to a whole number from 0 to {most}.")
        return default

    def options(self, name: str) -> dict[str, Any]:
        """An object in JSON."""
        try:
            found: Any = environ.Env().json(name, default={}) if self.text(name) else {}
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
        self._fault(15, name, 'Set it to an object in JSON, such as {"location": "/srv/files"}.')
        return {}

    def database(self, name: str) -> str:
        """Address of a PostgreSQL database."""
        value = self.text(name)
        parts = _split(value)
        if parts and parts.scheme in DATABASES and parts.path.strip("/"):
            return value
        self._fault(10, name, "Set it to an address such as postgres://crm_app:…@host/crm.")
        return f"postgres://{NOWHERE}/crm"

    def redis(self, name: str) -> str:
        """Address of a Redis."""
        value = self.text(name)
        parts = _split(value)
        if parts and (_is_redis(parts) or (parts.scheme in SOCKETS and parts.path.strip("/"))):
            return value
        self._fault(
            11,
            name,
            "Set it to an address such as redis://host:6379/0 or unix:///path/redis.sock?db=0.",
        )
        return f"redis://{NOWHERE}/0"

    def mail(self, name: str, default: str) -> dict[str, Any]:
        """Django's settings for an address of a mail server."""
        value = self.text(name, default)
        parts = _split(value)
        known = parts.scheme if parts and parts.scheme in environ.Env.EMAIL_SCHEMES else ""
        if parts and known and (parts.hostname or not known.startswith("smtp")):
            return dict(environ.Env.email_url_config(value))
        self._fault(
            12, name, "Set it to an address such as smtp+tls://user:password@mail.example.com:587."
        )
        return dict(environ.Env.email_url_config(default))

    def site(self, name: str, default: str) -> str:
        """Address of this site, without a slash at its end."""
        value = self.text(name, default)
        parts = _split(value)
        if parts and parts.scheme in {"http", "https"} and parts.hostname:
            return value.rstrip("/")
        self._fault(16, name, "Set it to the address that people type: https://crm.example.com.")
        return default


def _split(url: str) -> SplitResult | None:
    """``url`` in its parts, or None where even its port is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_redis(parts: SplitResult) -> bool:
    number = parts.path.strip("/") or (parse_qs(parts.query).get("db") or ["0"])[0]
    return parts.scheme in REDIS and bool(parts.hostname) and number.isdecimal()
