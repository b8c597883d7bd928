"""Faults are tried at any time of day: no quiet hours. Mail goes to files that can be counted."""

import email
from pathlib import Path
from typing import Any

import pytest

from staff.models import Policy


class Mailbox:
    """E-mails as files, whoever sent them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keys(self) -> list[str]:
        """The Message-ID of each."""
        files = sorted(self.directory.glob("*.log"))
        return [str(email.message_from_bytes(f.read_bytes())["Message-ID"]) for f in files]


@pytest.fixture
def mailbox(tmp_path: Path, settings: Any) -> Mailbox:
    directory = tmp_path / "mail"
    directory.mkdir()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(directory)
    return Mailbox(directory)


@pytest.fixture(autouse=True)
def no_quiet_hours(transactional_db: None) -> None:
    Policy.objects.filter(key__in=["quiet_from", "quiet_to"]).delete()
