"""The embedded servers: every trap that a real machine sets."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crm import embedded

pytestmark = pytest.mark.slow

PROJECT = embedded.PROJECT
ASK = "import json; from crm import embedded as e; print(json.dumps({}))"
AS_ROOT = os.geteuid() == 0


def own_servers() -> dict[str, str]:
    """The environment of a person who has set nothing."""
    ours = {"DATABASE_URL", "REDIS_URL", "CRM_EMBEDDED_DURABLE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def call(home: Path, expression: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """``expression`` over the module ``e`` in a process of its own; its value in JSON."""
    return subprocess.run(
        [sys.executable, "-c", ASK.format(expression)],
        cwd=PROJECT,
        env=own_servers() | {"CRM_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def value(home: Path, expression: str) -> object:
    done = call(home, expression)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def postgres_pid(home: Path) -> int:
    data = Path(str(value(home, "e.layout().postgres")))
    return int((data / "postmaster.pid").read_text().split()[0])


def redis_pid(home: Path) -> int:
    return int((home / "redis" / "redis.pid").read_text())


def remove(home: Path) -> None:
    value(home, "e.stop()")
    layout = json.loads((home / "layout.json").read_text())
    data = Path(layout["postgres"])
    outside = data if data.is_relative_to(home) else data.parent
    for path in (outside, Path(layout["sockets"]), home):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any user can reach, as on an ordinary machine."""
    path = Path(tempfile.mkdtemp(prefix="crm-home-"))
    path.chmod(0o755)
    yield path / "var"
    if (path / "var" / "layout.json").exists():
        remove(path / "var")
    shutil.rmtree(path)


def test_it_starts_both_and_leaves_them_running(home: Path) -> None:
    assert value(home, "e.ensure()") == ["PostgreSQL", "Redis"]
    assert value(home, "e.ensure()") == []
    assert value(home, "e.status()") == {"PostgreSQL": True, "Redis": True}
    assert value(home, "e.stop()") == ["PostgreSQL", "Redis"]
    assert value(home, "e.status()") == {"PostgreSQL": False, "Redis": False}


def test_it_starts_nothing_to_tell_its_addresses(home: Path) -> None:
    urls = value(home, "[e.app_database_url(), e.owner_database_url(), e.redis_url()]")
    assert urls == value(home, "[e.app_database_url(), e.owner_database_url(), e.redis_url()]")
    assert value(home, "e.status()") == {"PostgreSQL": False, "Redis": False}


def test_it_makes_secrets_once_and_for_their_owner_only(home: Path) -> None:
    first = value(home, "e.demo_secrets()")
    assert first == value(home, "e.demo_secrets()")
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600


def test_it_starts_one_server_for_many_callers(home: Path) -> None:
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", ASK.format("e.ensure()")],
            cwd=PROJECT,
            env=own_servers() | {"CRM_HOME": str(home)},
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    answers = [json.loads(caller.communicate()[0]) for caller in callers]
    assert sorted(map(len, answers)) == [0, 0, 0, 2]


def test_it_recovers_after_both_servers_were_killed(home: Path) -> None:
    value(home, "e.ensure()")
    for pid in (postgres_pid(home), redis_pid(home)):
        os.kill(pid, signal.SIGKILL)
    assert value(home, "e.ensure()") == ["PostgreSQL", "Redis"]
    assert value(home, "e.status()") == {"PostgreSQL": True, "Redis": True}


def test_it_is_not_fooled_by_a_pid_file_that_names_somebody_else(home: Path) -> None:
    value(home, "e.ensure()")
    value(home, "e.stop()")
    data = Path(str(value(home, "e.layout().postgres")))
    owner = data.stat()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)
    (home / "redis" / "redis.pid").write_text(str(os.getpid()))
    assert value(home, "e.ensure()") == ["PostgreSQL", "Redis"]
    assert value(home, "e.status()") == {"PostgreSQL": True, "Redis": True}


def test_it_keeps_data_over_a_restart(home: Path) -> None:
    value(home, "e.ensure()")
    value(home, "[e.Redis(e.layout())._ask('SET k kept')]")
    value(home, "e.stop()")
    value(home, "e.ensure()")
    assert "kept" in str(value(home, "e.Redis(e.layout())._ask('GET k')"))


@pytest.mark.parametrize("name", ["with space", "客户", "long" * 30])
def test_it_works_under_any_path(home: Path, name: str) -> None:
    base = home.parent / name
    assert value(base, "e.ensure()") == ["PostgreSQL", "Redis"]
    assert value(base, "e.status()") == {"PostgreSQL": True, "Redis": True}
    remove(base)


def test_it_changes_the_mode_of_no_directory(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    base = closed / "inner" / "var"
    assert value(base, "e.ensure()") == ["PostgreSQL", "Redis"]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    data = Path(str(value(base, "e.layout().postgres")))
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    remove(base)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_it_never_runs_postgresql_as_root(home: Path) -> None:
    value(home, "e.ensure()")
    assert psutil.Process(postgres_pid(home)).uids().real != 0


def test_it_says_what_to_do_about_data_of_another_version(home: Path) -> None:
    value(home, "e.ensure()")
    value(home, "e.stop()")
    version = Path(str(value(home, "e.layout().postgres"))) / "PG_VERSION"
    kept = version.read_text()
    version.write_text("13\n")
    done = call(home, "e.ensure()")
    version.write_text(kept)
    assert done.returncode != 0
    assert "was written by PostgreSQL 13" in done.stderr
    assert "Dump it" in done.stderr


def test_it_begins_again_after_an_interrupted_first_start(home: Path) -> None:
    data = Path(str(value(home, "e.layout().postgres")))
    value(home, "e.ensure()")
    value(home, "e.stop()")
    (data / "PG_VERSION").unlink()
    assert value(home, "e.ensure()") == ["PostgreSQL", "Redis"]


def test_it_listens_on_no_network_port(home: Path) -> None:
    value(home, "e.ensure()")
    for pid in (postgres_pid(home), redis_pid(home)):
        assert psutil.Process(pid).net_connections(kind="inet") == []


def test_it_is_found_by_a_command_and_ended_by_a_command(home: Path) -> None:

    def manage(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=own_servers() | {"CRM_HOME": str(home), "DJANGO_SETTINGS_MODULE": "crm.settings"},
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        return done.stdout

    manage("showmigrations", "--plan")
    assert "PostgreSQL: running" in manage("embedded", "status")
    manage("embedded", "stop")
    time.sleep(0.1)
    assert "PostgreSQL: stopped" in manage("embedded", "status")


def test_it_translates_redis_addresses() -> None:
    assert embedded.cache_url("redis+socket:///a/b.sock?virtual_host=3") == "unix:///a/b.sock?db=3"
    assert embedded.celery_url("unix:///a/b.sock?db=2") == (
        "redis+socket:///a/b.sock?virtual_host=2"
    )
    assert embedded.cache_url("redis://host:6379/1") == "redis://host:6379/1"
    assert embedded.celery_url("redis://host:6379/1") == "redis://host:6379/1"
