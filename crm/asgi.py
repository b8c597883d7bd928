"""The web application for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from crm import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
embedded.ensure()
application = get_asgi_application()

# After set-up: a server that is set up wrongly says so at once, not at the first request.
from crm.checks import refuse_misconfiguration  # noqa: E402

refuse_misconfiguration()
