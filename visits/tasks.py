"""Background work of visits, gathered for Celery."""

from visits.contacts import invitations  # noqa: F401
from visits.integration import tasks as integration  # noqa: F401
from visits.notifications import tasks as notifications  # noqa: F401
from visits.planning import tasks as planning  # noqa: F401
from visits.scripts import tasks as scripts  # noqa: F401
