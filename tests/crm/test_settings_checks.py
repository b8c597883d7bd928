"""Misconfiguration: each mistake has its id and its sentence, and production is clean."""

import base64
import os
import subprocess
import sys

import pytest

from crm.embedded import PROJECT


def _key(letter: bytes) -> str:
    return base64.urlsafe_b64encode(letter * 32).decode()


PRODUCTION = {
    "DATABASE_URL": "postgres://crm_app:secret@db.example.com/crm",
    "DATABASE_OWNER_URL": "postgres://crm_owner:secret@db.example.com/crm",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "SECRET_KEY": "kept-long-random-and-to-ourselves-0123456789-abcdefghij",
    "PII_ENCRYPTION_KEYS": f"2:{_key(b'b')},1:{_key(b'a')}",
    "PII_INDEX_KEY": f"1:{_key(b'i')}",
    "ALLOWED_HOSTS": "crm.example.com",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.com:587",
}


def deploy_check(**changed: str | None) -> "subprocess.CompletedProcess[str]":
    """``check --deploy`` with production's variables, some of them changed or (None) unset."""
    environment = {"PATH": os.environ["PATH"], "CRM_HOME": os.environ["CRM_HOME"], **PRODUCTION}
    for name, value in changed.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_is_clean_with_production_variables() -> None:
    done = deploy_check()
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize(
    ("check_id", "changed"),
    [
        ("crm.E001", {"SECRET_KEY": None}),
        ("crm.E001", {"SECRET_KEY": "short"}),
        ("crm.E002", {"PII_ENCRYPTION_KEYS": None}),
        ("crm.E002", {"PII_ENCRYPTION_KEYS": "1:not-a-key"}),
        ("crm.E002", {"PII_INDEX_KEY": None}),
        ("crm.E003", {"PII_INDEX_KEY": f"1:{_key(b'a')}"}),
        ("crm.E004", {"ALLOWED_HOSTS": None}),
        ("crm.E004", {"ALLOWED_HOSTS": "*"}),
        ("crm.E005", {"DEBUG": "1"}),
        ("crm.E006", {"REDIS_URL": None}),
        ("crm.W007", {"EMAIL_URL": None}),
    ],
)
def test_it_names_the_mistake(check_id: str, changed: dict[str, str | None]) -> None:
    done = deploy_check(**changed)
    assert done.returncode != 0
    assert f"({check_id})" in done.stderr
    assert "HINT:" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_refuses_to_serve_with_a_secret_missing() -> None:
    environment = {"PATH": os.environ["PATH"], "CRM_HOME": os.environ["CRM_HOME"], **PRODUCTION}
    del environment["PII_INDEX_KEY"]
    done = subprocess.run(
        [sys.executable, "-c", "import crm.wsgi"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "PII_INDEX_KEY is missing or malformed" in done.stderr


def test_it_is_clean_as_the_embedded_demo() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "CRM_HOME": os.environ["CRM_HOME"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
