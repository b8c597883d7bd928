"""Misconfiguration: each mistake has its id and its sentence, and production is clean."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from crm.embedded import PROJECT
from crm.environment import Environment

pytestmark = pytest.mark.slow


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
    "SITE_URL": "https://crm.example.com",
    "FIRM_NAME": "晨光证券",
    "TRUST_PROXY": "1",
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
        timeout=600,
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
        ("crm.E016", {"SITE_URL": None}),
        ("crm.E016", {"SITE_URL": "http://crm.example.com"}),
        ("crm.W017", {"HTTPS": "0"}),
        ("crm.W019", {"FIRM_NAME": None}),
        ("crm.W018", {"TRUST_PROXY": None}),
    ],
)
def test_it_names_the_mistake(check_id: str, changed: dict[str, str | None]) -> None:
    done = deploy_check(**changed)
    assert done.returncode != 0
    assert f"({check_id})" in done.stderr
    assert "HINT:" in done.stderr
    assert "Traceback" not in done.stderr


UNREADABLE = {
    "DATABASE_URL": ("crm.E010", ["", "foo", "mysql://db/crm", "postgres://db:port/crm"]),
    "DATABASE_OWNER_URL": ("crm.E010", ["=foo", "postgres://db.example.com"]),
    "REDIS_URL": ("crm.E011", ["", "foo", "redis://", "redis://host/first", "unix://"]),
    "EMAIL_URL": ("crm.E012", ["foo", "smtp://", "smtp://mail:port"]),
    "PORT": ("crm.E013", ["abc", "-1", "65536", "٣"]),
    "HTTPS": ("crm.E014", ["maybe"]),
    "LOG_LEVEL": ("crm.E014", ["loud"]),
    "TIME_ZONE": ("crm.E014", ["Shanghai"]),
    "FILES_STORAGE_OPTIONS": ("crm.E015", ["location=/srv", "[]"]),
    "SITE_URL": ("crm.E016", ["crm.example.com", "https://"]),
}


def test_it_names_everything_that_cannot_be_read_at_once() -> None:
    done = deploy_check(**{name: values[0] for name, (_, values) in UNREADABLE.items()})
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    for name, (check_id, _) in UNREADABLE.items():
        assert f"({check_id}) {name} cannot be read." in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, rest) in UNREADABLE.items() for value in rest]
)
def test_it_reads_nothing_else(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    env = Environment()
    read: dict[str, Callable[[], object]] = {
        "DATABASE_URL": lambda: env.database(name),
        "DATABASE_OWNER_URL": lambda: env.database(name),
        "REDIS_URL": lambda: env.redis(name),
        "EMAIL_URL": lambda: env.mail(name, "consolemail://"),
        "PORT": lambda: env.number(name, default=8000, most=65_535),
        "HTTPS": lambda: env.truth(name, default=True),
        "LOG_LEVEL": lambda: env.one_of(name, ["INFO"], "INFO"),
        "TIME_ZONE": lambda: env.zone(name, "Asia/Shanghai"),
        "FILES_STORAGE_OPTIONS": lambda: env.options(name),
        "SITE_URL": lambda: env.site(name, "http://localhost"),
    }
    assert read[name]() != value
    assert [fault.id for fault in env.faults] == [UNREADABLE[name][0]]


@pytest.mark.parametrize(
    "url",
    [
        "redis://:secret@redis.example.com:6379/1",
        "rediss://redis.example.com",
        "unix:///run/redis.sock?db=0",
        "redis+socket:///run/redis.sock?virtual_host=3",
    ],
)
def test_it_reads_every_form_of_a_redis(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    env = Environment()
    assert (env.redis("REDIS_URL"), env.faults) == (url, [])


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS", "PORT"):
        monkeypatch.setenv(name, "")
    env = Environment()
    assert env.truth("HTTPS", default=True)
    assert env.number("PORT", default=8000) == 8000
    assert env.faults == []


def test_a_worker_and_beat_refuse_too() -> None:
    environment = {"PATH": os.environ["PATH"], "CRM_HOME": os.environ["CRM_HOME"], **PRODUCTION}
    del environment["SITE_URL"]
    for part in (["worker", "--pool", "solo"], ["beat", "--scheduler", "celery.beat:Scheduler"]):
        done = subprocess.run(
            [sys.executable, "-m", "celery", "-A", "crm", *part],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode != 0
        assert "SITE_URL is missing" in done.stderr


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
        timeout=600,
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
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
