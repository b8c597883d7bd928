"""PostgreSQL is killed and started again, three times, while a firm is planned and reminded."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings

from crm.trading_days import on_or_after, today
from tests.faults.conftest import kill_whole, wait
from tests.faults.test_outages import BEAT, MORNING, WORKER

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
OTHERS = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}


class Firm:
    """A demo firm with servers of its own, and the programs that work for it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        clean = {name: value for name, value in os.environ.items() if name not in OTHERS}
        self.environment = clean | {
            "CRM_HOME": str(home),
            "EMAIL_URL": "dummymail://",
            "DATABASE_CONN_MAX_AGE": "600",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def facts(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("-m", "tests.faults.facts", *arguments))
        return found

    def start(self, *arguments: str) -> None:
        with (self.home / f"log-{len(self.running)}").open("wb") as log:
            command = [sys.executable, "-m", *arguments]
            self.running.append(
                subprocess.Popen(
                    command, cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log
                )
            )

    def kill_database(self) -> None:
        """As a power cut does: the server and all its children at once."""
        data = Path(json.loads((self.home / "layout.json").read_text())["postgres"])
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        for process in [server, *server.children(recursive=True)]:
            process.kill()
        psutil.wait_procs([server], timeout=60)

    def end(self) -> None:
        for process in self.running:
            kill_whole(process)
        self.run("manage.py", "embedded", "stop")


@pytest.fixture
def firm() -> Iterator[Firm]:
    # A short path, that the server's own user may enter.
    home = Path(tempfile.mkdtemp(prefix="crm-", dir="/tmp"))
    home.chmod(0o755)
    firm = Firm(home)
    try:
        firm.run("manage.py", "migrate", "--verbosity", "0")
        firm.run("manage.py", "load_demo", "--scale", "small", "--verbosity", "0")
        yield firm
    finally:
        firm.end()
        shutil.rmtree(home, ignore_errors=True)


def test_the_database_is_killed_and_comes_back(firm: Firm) -> None:
    day = on_or_after(today())
    # As the night does: what planning frees after the reminding is told on the next day.
    firm.run("manage.py", "plan_callbacks", "--on", day.isoformat())
    before = firm.facts("forget")
    morning = f"{day}T08:59:46+08:00"
    firm.environment["CLOCK_BEGAN"] = str(time.time())
    for program in (WORKER, BEAT):
        moment = [morning if part == MORNING else part for part in program]
        extra = ["--schedule", str(firm.home / "schedule"), "--pidfile", str(firm.home / "pid")]
        firm.start(*moment, *(extra if program is BEAT else []))
    wait(lambda: b" ready." in (firm.home / "log-0").read_bytes())
    wait(lambda: b"beat: Starting" in (firm.home / "log-1").read_bytes())
    for _ in range(3):
        time.sleep(8)
        firm.kill_database()
        time.sleep(2)
        firm.run("manage.py", "embedded", "start")

    def is_over() -> bool:
        found = firm.facts("expire")
        states = set(found["digests"]) | set(found["reminders"])
        return bool(found["digests"]) and not found["untold"] and states <= {"sent", "cancelled"}

    wait(is_over)
    after = firm.facts()
    assert after["callbacks"] >= before["callbacks"]
    assert after["due"] > 0
    # Each digest stands in its inbox (a key of it is there once, which the database sees to).
    assert after["told"] == after["digests_in_app"] > 0
    assert all(process.poll() is None for process in firm.running)
