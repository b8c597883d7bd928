"""Background work of compliance, gathered for Celery."""

from compliance.planning import tasks as planning  # noqa: F401
