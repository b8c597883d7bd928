"""Misconfiguration as system checks: each with an id and a sentence that says what to do."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.utils import DatabaseError

KEY_BYTES = 32


@checks.register(checks.Tags.security)
def check_secrets(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E001 to E003: the secrets are there, well formed, and different."""
    found: list[checks.CheckMessage] = []
    if len(_secret_key()) < 50:
        found.append(
            checks.Error(
                "SECRET_KEY is missing or shorter than 50 characters.",
                hint="Set it in the environment to a long random text and keep it.",
                id="crm.E001",
            )
        )
    encryption = _keys(settings.PII_ENCRYPTION_KEYS)
    index = _keys(settings.PII_INDEX_KEY)
    for name, keys in (("PII_ENCRYPTION_KEYS", encryption), ("PII_INDEX_KEY", index)):
        if keys is None:
            found.append(
                checks.Error(
                    f"{name} is missing or malformed.",
                    hint="Set it to 'id:key', the key being 32 random bytes in URL-safe base64; "
                    "several are separated by commas, the newest first.",
                    id="crm.E002",
                )
            )
    if encryption and index and set(encryption) & set(index):
        found.append(
            checks.Error(
                "PII_INDEX_KEY is also one of PII_ENCRYPTION_KEYS.",
                hint="Make a key of its own for the index.",
                id="crm.E003",
            )
        )
    return found


@checks.register(checks.Tags.security)
def check_servers(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E004 to E006: what must be said when the servers are not the embedded ones."""
    if settings.EMBEDDED:
        return []
    found: list[checks.CheckMessage] = []
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            checks.Error(
                "ALLOWED_HOSTS is empty or allows every host.",
                hint="Set it to the host names that people type, separated by commas.",
                id="crm.E004",
            )
        )
    if settings.DEBUG:
        found.append(
            checks.Error(
                "DEBUG is on while DATABASE_URL names a server.",
                hint="Unset DEBUG: its error pages show data and settings to anyone.",
                id="crm.E005",
            )
        )
    if not settings.REDIS_URL_GIVEN:
        found.append(
            checks.Error(
                "DATABASE_URL is set and REDIS_URL is not.",
                hint="Set REDIS_URL too, such as redis://127.0.0.1:6379/0.",
                id="crm.E006",
            )
        )
    return found


@checks.register(checks.Tags.security)
def check_environment(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E010 to E016: every variable can be read (crm/environment.py), also in the demo."""
    return [checks.Error(fault.sentence, hint=fault.hint, id=fault.id) for fault in settings.FAULTS]


@checks.register(checks.Tags.security)
def check_site(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E016: links in messages lead here, and nowhere without encryption."""
    if settings.EMBEDDED or any(fault.id == "crm.E016" for fault in settings.FAULTS):
        return []
    if settings.SITE_URL_GIVEN and (settings.SITE_URL.startswith("https:") or not settings.HTTPS):
        return []
    return [
        checks.Error(
            "SITE_URL does not begin with https:// while HTTPS is on."
            if settings.SITE_URL_GIVEN
            else "SITE_URL is missing: links in messages would lead to this machine alone.",
            hint="Set it to the address that people type, such as https://crm.example.com.",
            id="crm.E016",
        )
    ]


@checks.register(deploy=True)
def check_firm(**_kwargs: Any) -> list[checks.CheckMessage]:
    """W019: whoever calls a client names the right firm."""
    if settings.EMBEDDED or settings.FIRM_NAME_GIVEN:
        return []
    return [
        checks.Warning(
            "FIRM_NAME is missing: greetings name the sample firm.",
            hint="Set it to the firm's name as clients know it, and FIRM_NAME_EN in English.",
            id="crm.W019",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def check_https(**_kwargs: Any) -> list[checks.CheckMessage]:
    """W017, W018: passwords travel encrypted, and the proxy that sees to it is believed."""
    if settings.EMBEDDED:
        return []
    if not settings.HTTPS:
        return [
            checks.Warning(
                "HTTPS is off: passwords and cookies travel in clear.",
                hint="Unset HTTPS and serve behind a proxy that speaks it.",
                id="crm.W017",
            )
        ]
    if settings.TRUST_PROXY:
        return []
    return [
        checks.Warning(
            "HTTPS is on and TRUST_PROXY is off: behind a proxy every page redirects to itself.",
            hint="Set TRUST_PROXY=1 where a proxy sets X-Forwarded-Proto and X-Forwarded-For "
            "(docs/operations.md).",
            id="crm.W018",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def check_mail(**_kwargs: Any) -> list[checks.CheckMessage]:
    """W007: reminders by e-mail go to a person, not to the log."""
    if not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    return [
        checks.Warning(
            "E-mail is written to the log and reaches nobody.",
            hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.com:587.",
            id="crm.W007",
        )
    ]


@checks.register(checks.Tags.database)
def check_role(
    *, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """E008, W009: neither the session nor its login may pass over every rule of the database."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT rolname = current_user, rolname FROM pg_roles"
                    " WHERE rolname IN (current_user, session_user)"
                    " AND (rolsuper OR rolbypassrls) ORDER BY 1 DESC"
                )
                row = cursor.fetchone()
        except DatabaseError:
            continue  # Django tells of an unreachable database by itself.
        if row is None:
            continue
        active, role = row
        message = (
            f"The database role {role} is a superuser or bypasses row security."
            if active
            else f"The database login {role} could become a superuser."
        )
        kind = checks.Error if active else checks.Warning
        found.append(
            kind(
                message,
                hint="Let DATABASE_URL log in as crm_app (docs/operations.md).",
                id="crm.E008" if active else "crm.W009",
            )
        )
    return found


def refuse_misconfiguration() -> None:
    """Raise ImproperlyConfigured with every sentence above that applies to this process."""
    found = [
        message
        for check in (check_environment, check_secrets, check_servers, check_site)
        for message in check()
        if message.level >= checks.ERROR
    ]
    if found:
        raise ImproperlyConfigured("\n".join(str(message) for message in found))


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's word for an empty one
        return ""


def _keys(text: str) -> list[bytes] | None:
    """The keys of ``id:key,id:key``, or None when the text is not of that form."""
    keys = []
    for part in text.split(","):
        name, _, key = part.strip().partition(":")
        try:
            raw = base64.b64decode(key, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if not name or len(raw) != KEY_BYTES:
            return None
        keys.append(raw)
    return keys
