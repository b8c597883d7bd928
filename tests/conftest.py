"""Fixtures for every test: the servers, the browser, and the cast of people and clients."""

pytest_plugins = ["tests.database", "tests.browser", "tests.cast"]
