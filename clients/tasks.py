"""Background work of clients, gathered for Celery."""

from clients.exporting import tasks as exporting  # noqa: F401
from clients.figures import tasks as figures  # noqa: F401
from clients.handovers import tasks as handovers  # noqa: F401
from clients.importing import tasks as importing  # noqa: F401
from clients.segments import tasks as segments  # noqa: F401
