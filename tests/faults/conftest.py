"""Faults are tried at any time of day: no quiet hours. Mail goes to files that can be counted."""

import re
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
def no_quiet_hours(transactional_db: None) -> None:
    Policy.objects.filter(key__in=["quiet_from", "quiet_to"]).delete()
