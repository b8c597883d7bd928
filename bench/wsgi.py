"""The product under gunicorn, and beside it the yardstick without any middleware.

With the header ``X-Count-Queries`` a response tells how many statements it took; such requests are
never timed.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import override_settings

product = get_wsgi_application()
with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()

# What opens, names and closes the transaction of a request.
_TRANSACTION = re.compile(r"SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SELECT set_config", re.I)
Start = Callable[..., Any]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if environ["PATH_INFO"].startswith("/yardstick/"):
        return bare(environ, start_response)
    if "HTTP_X_COUNT_QUERIES" not in environ:
        return product(environ, start_response)
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not _TRANSACTION.match(sql.lstrip()):
            seen.append(sql)
        return execute(sql, *rest)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Queries", str(len(seen)))], *rest)

    with connection.execute_wrapper(note):
        return product(environ, start)
