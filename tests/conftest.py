"""Fixtures for every test: the servers, the browser, and the cast of people and clients."""

import pytest
from django.utils.translation.reloader import translation_file_changed
from hypothesis import HealthCheck, settings

from crm.management.commands.compile_translations import compile_stale

pytest_plugins = ["tests.database", "tests.browser", "tests.cast"]

# No test is about how fast the machine makes up its examples.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """A catalogue older than its text would fail tests that have nothing wrong with them."""
    if not hasattr(config, "workerinput"):
        for catalogue in compile_stale():
            # What was read of the old one is forgotten.
            translation_file_changed(sender=None, file_path=catalogue.with_suffix(".mo"))


# Fixtures that bring the database with them.
DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by itself what needs no marking by hand: see ``markers`` in pyproject.toml."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") is None and not fixtures & DATABASE:
            item.add_marker("pure")
        if "chromium" in fixtures:
            item.add_marker("browser")
