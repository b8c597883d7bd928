"""Faults are tried at any time of day: no quiet hours. Mail goes to files that can be counted."""

import re
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from staff.models import Policy

# No wait here is for time to pass: this is when a machine, however busy, is taken to hang.
PATIENCE = 600


def wait(condition: Callable[[], bool], again: Callable[[], object] | None = None) -> None:
    """Until ``condition`` holds; meanwhile ``again`` every five seconds, as the sweep does each
    minute: a message to a worker that is killed may be lost (docs/callbacks.md#reminders)."""
    begun = last = time.monotonic()
    while not condition():
        now = time.monotonic()
        assert now < begun + PATIENCE, "it did not happen in time"
        if again is not None and now > last + 5:
            again()
            last = now
        time.sleep(0.1)


def kill_children(process: "subprocess.Popen[bytes]") -> None:
    """Kill what ``process`` has started, all of it."""
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def kill_whole(process: "subprocess.Popen[bytes]") -> None:
    """Kill it and what it has started."""
    kill_children(process)
    process.kill()
    process.wait()


class Mailbox:
    """E-mails as files, whoever sent them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keys(self) -> list[str]:
        """The Message-ID of each."""
        # Two mails of one moment may share a file.
        text = "".join(file.read_text() for file in self.directory.glob("*.log"))
        return re.findall(r"^Message-ID: (\S+)$", text, re.MULTILINE)


@pytest.fixture
def mailbox(tmp_path: Path, settings: Any) -> Mailbox:
    directory = tmp_path / "mail"
    directory.mkdir()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(directory)
    return Mailbox(directory)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that a test starts at another time have one clock (``tests.faults.at``)."""
    monkeypatch.setenv("CLOCK_BEGAN", str(time.time()))


@pytest.fixture(autouse=True)
def no_quiet_hours(transactional_db: None) -> None:
    Policy.objects.filter(key__in=["quiet_from", "quiet_to"]).delete()
