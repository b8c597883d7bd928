"""What the log never holds: the rows of people, and addresses that open without login."""

import logging
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from staff.models import Employee


def line(settings: Any, message: str, error: BaseException | None = None) -> str:
    """The line as the log of the product writes it."""
    config = settings.LOGGING["formatters"]["line"]
    formatter = import_string(config["class"])(config["format"], style=config["style"])
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("crm", logging.ERROR, __file__, 1, message, None, info)
    return str(formatter.format(record))


@pytest.mark.django_db
def test_it_leaves_the_refused_row_out(settings: Any, manager: Employee) -> None:
    with pytest.raises(IntegrityError, match="王芳") as caught, transaction.atomic():
        Employee.objects.filter(pk=manager.pk).update(role="broker")
    said = line(settings, f"The task failed: {caught.value!r}", caught.value)
    assert "王芳" not in said
    assert "employee_broker_by_agency" in said
    assert said.count("(left out)") == 3
    assert "test_logs.py" in said


@pytest.mark.parametrize(
    "path",
    [
        "/feed/c2VjcmV0LXNlY3JldC1zZWNyZXQ.ics",
        "/p/c2VjcmV0LXNlY3JldC1zZWNyZXQ/",
        "/accounts/password/reset/key/1f-c2VjcmV0LXNlY3JldC1zZWNyZXQ/",
    ],
)
def test_it_leaves_secrets_of_addresses_out(settings: Any, path: str) -> None:
    said = line(settings, f"Method Not Allowed (PROPFIND): {path}")
    assert "Method Not Allowed" in said
    assert "c2VjcmV0" not in said


def test_it_leaves_other_addresses_alone(settings: Any) -> None:
    path = "/pipeline/6f1c2f52-3a1d-4b55-9d8e-0a3c4d1b2e3f/move/"
    assert line(settings, f"Not Found: {path}").endswith(path)
