"""Settings of the test suite: servers of its own, and nothing slow that no test is about.

Runs before Django is set up, so the environment is prepared here: with no DATABASE_URL the suite
starts a cluster of its own under the home, apart from the demo's data and without fsync.
"""

import os
import re
from urllib.parse import urlsplit, urlunsplit

from crm import embedded

os.environ.setdefault("CRM_TEST_HOME", str(embedded.home() / "test"))
os.environ["CRM_HOME"] = os.environ["CRM_TEST_HOME"]
os.environ["CRM_EMBEDDED_DURABLE"] = "0"

# The same secrets and plain HTTP on the embedded servers and on others.
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA{}="
os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)
os.environ.setdefault("PII_ENCRYPTION_KEYS", "test1:" + KEY.format("E"))
os.environ.setdefault("PII_INDEX_KEY", "1:" + KEY.format("I"))
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("SITE_URL", "http://localhost:8000")
os.environ["HTTPS"] = "0"
os.environ["DATABASE_CONN_MAX_AGE"] = "0"

embedded.ensure()


def _redis_of_this_process(url: str) -> str:
    """``url`` with a database number of its own for each xdist worker, never number 0."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = str(int(re.sub(r"\D", "", worker)) + 1)
    parts = urlsplit(url)
    if parts.scheme in {"redis+socket", "unix"}:
        return f"redis+socket://{parts.path}?virtual_host={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


os.environ.setdefault(
    "CRM_TEST_REDIS_URL", os.environ.get("REDIS_URL") or embedded.redis_url(database=0)
)
os.environ["REDIS_URL"] = _redis_of_this_process(os.environ["CRM_TEST_REDIS_URL"])

from crm.settings import *  # noqa: E402, F403
from crm.settings import LOGGING, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING["root"]["level"] = "WARNING"
