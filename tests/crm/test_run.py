"""``make run``: it says where it is, it ends, and a killed run is in nobody's way."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.crm.test_embedded import PROJECT, remove, value

pytestmark = pytest.mark.slow

# Seconds on a machine that does nothing else.
RESTART = 10
# Seconds of the processor for the tables of an empty database; others at work make them more.
MIGRATE = 8


class Machine:
    """A person's machine: a home and a port of their own, nothing set."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.seconds: dict[str, float] = {}  # of the processor, by command
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            "PATH": os.environ["PATH"],
            "CRM_HOME": str(home),
            "CRM_EMBEDDED_DURABLE": "0",
            "PORT": str(self.port),
        }

    def manage(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )

    def start(self) -> "subprocess.Popen[bytes]":
        """Run it until it says where it is."""
        log = self.home / "run.log"
        with log.open("wb") as output:
            run = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + 1800
        while f"The CRM is ready: http://localhost:{self.port}/" not in log.read_text():
            assert run.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return run

    def answers(self) -> bool:
        url = f"http://localhost:{self.port}/accounts/login/"
        with urllib.request.urlopen(url, timeout=120) as answer:
            return int(answer.status) == 200

    def parts(self) -> list[psutil.Process]:
        """What a run of this home has started and what is still there."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.environ().get("CRM_RUN_HOME") == str(self.home):
                    found.append(process)
        return found


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="crm-run-"))
    folder.chmod(0o755)
    (folder / "var").mkdir()
    machine = Machine(folder / "var")
    try:
        # With tables and somebody in them, the demo firm is not loaded.
        for command in (["migrate"], ["createsuperuser", "--no-input"]):
            before = _seconds_of_children()
            person = {"DJANGO_SUPERUSER_USERNAME": "root", "DJANGO_SUPERUSER_FULL_NAME": "Root"}
            done = machine.manage(
                *command,
                DJANGO_SUPERUSER_PASSWORD="correct-horse-battery",
                DJANGO_SUPERUSER_EMAIL="root@example.com",
                **person,
            )
            assert done.returncode == 0, done.stderr
            machine.seconds[command[0]] = _seconds_of_children() - before
        machine.manage("embedded", "stop")
        yield machine
    finally:
        for process in machine.parts():
            process.kill()
        remove(machine.home)
        shutil.rmtree(folder, ignore_errors=True)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_it_makes_the_tables_quickly(machine: Machine) -> None:
    assert 0 < machine.seconds["migrate"] <= MIGRATE


def test_it_serves_until_ctrl_c(machine: Machine) -> None:
    run = machine.start()
    assert machine.answers()
    second = machine.manage("run")
    assert second.returncode != 0
    assert "The CRM already runs" in second.stderr
    assert "Traceback" not in second.stderr
    assert machine.answers()
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=300) == 0
    assert machine.parts() == []
    assert value(machine.home, "e.status()") == {"PostgreSQL": False, "Redis": False}


def test_a_killed_run_is_in_nobodys_way(machine: Machine) -> None:
    run = machine.start()
    honcho = next(child for child in psutil.Process(run.pid).children() if _is(child, "honcho"))
    web = next(part for part in machine.parts() if _is(part, "gunicorn"))
    for process in (psutil.Process(run.pid), web, honcho):
        process.kill()
    run.wait(timeout=120)
    assert machine.parts(), "nothing is left that could be in the way"
    # The first start collects the static files; this one has them.
    began = time.monotonic()
    again = machine.start()
    busy = max(2.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert time.monotonic() - began < RESTART * busy
    assert machine.answers()
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=300) == 0
    assert machine.parts() == []
    # The first of the two had started the servers.
    assert value(machine.home, "e.status()") == {"PostgreSQL": False, "Redis": False}


def test_it_changes_nothing_in_a_database_of_another_version(machine: Machine) -> None:
    write = (
        "from crm.database_roles import as_owner; from django.db import connection\n"
        "with as_owner(), connection.cursor() as cursor: cursor.execute({!r})"
    )
    added = "INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0003_gone', now())"
    assert machine.manage("shell", "--command", write.format(added)).returncode == 0
    machine.manage("embedded", "stop")
    try:
        run = machine.manage("run")
        assert run.returncode != 0
        assert len(run.stderr.splitlines()) == 1, run.stderr
        assert "Nothing was changed" in run.stderr
        assert f"move {machine.home} away" in run.stderr
        assert machine.parts() == []
        assert value(machine.home, "e.status()") == {"PostgreSQL": False, "Redis": False}
    finally:
        gone = "DELETE FROM django_migrations WHERE name = '0003_gone'"
        machine.manage("shell", "--command", write.format(gone))
        machine.manage("embedded", "stop")


def _is(process: psutil.Process, program: str) -> bool:
    return any(program in part for part in process.cmdline())
