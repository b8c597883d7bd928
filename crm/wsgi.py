"""The web application for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from crm import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
embedded.ensure()
application = get_wsgi_application()

# After set-up: a server that is set up wrongly says so at once, not at the first request.
from crm.checks import refuse_misconfiguration  # noqa: E402

refuse_misconfiguration()
