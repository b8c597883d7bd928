"""Fixtures for every test: the servers, the browser, and the cast of people and clients."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.database", "tests.browser", "tests.cast"]

# No test is about how fast the machine makes up its examples.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
