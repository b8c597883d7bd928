"""Settings: one file, read from a typed environment.

With no variables set this is the embedded demo: PostgreSQL and Redis start by themselves under
``CRM_HOME`` (default ``var/``) and secrets are made there. Anywhere else secrets are required.
Misconfiguration is reported by ``crm/checks.py``, each with an id and a sentence.
"""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crm import embedded
from crm.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

HOME = embedded.home()
# The embedded demo is the only set-up that may run without secrets of its own.
EMBEDDED = "DATABASE_URL" not in env.given
DEBUG = env.truth("DEBUG", default=False)
# Where `manage.py run` serves. The demo's passwords are known to everyone: others reach it only
# where somebody asked for that.
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", default=8000, most=65_535)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

_secrets = embedded.demo_secrets() if EMBEDDED else {}
SECRET_KEY = env.text("SECRET_KEY", _secrets.get("SECRET_KEY", ""))
# Newest first: "id:base64key,id:base64key". The first encrypts, all decrypt.
PII_ENCRYPTION_KEYS = env.text("PII_ENCRYPTION_KEYS", _secrets.get("PII_ENCRYPTION_KEYS", ""))
# Keys of the blind indexes ("version:base64key"); never the same as the encryption keys.
PII_INDEX_KEY = env.text("PII_INDEX_KEY", _secrets.get("PII_INDEX_KEY", ""))

# On all addresses of a machine, nobody knows by which name it is called.
_demo_hosts = ["*"] if HOST in {"0.0.0.0", "::"} else [*LOOPBACK, HOST]  # noqa: S104
ALLOWED_HOSTS = env.texts("ALLOWED_HOSTS", _demo_hosts if EMBEDDED else [])
CSRF_TRUSTED_ORIGINS = env.texts("CSRF_TRUSTED_ORIGINS")
# The firm as clients know it: whoever calls says for whom (provisional rules on brokers).
FIRM_NAME_GIVEN = bool(env.text("FIRM_NAME"))
FIRM_NAME = env.text("FIRM_NAME", "示范证券")
FIRM_NAME_EN = env.text("FIRM_NAME_EN", "" if FIRM_NAME_GIVEN else "Sample Securities")
SITE_URL_GIVEN = bool(env.text("SITE_URL"))
SITE_URL = env.site("SITE_URL", f"http://localhost:{PORT}")

INSTALLED_APPS = [
    "crm",
    "demo",
    "dashboards",
    "compliance",
    "pipeline",
    "visits",
    "clients",
    "staff",
    "crm.admin_site.CrmAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pghistory",
    "pgtrigger",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.middleware.LoginMiddleware",
    "staff.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "staff.idle_session.IdleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "staff.middleware.UnitOfWorkMiddleware",
    "staff.middleware.MethodMiddleware",
    "staff.middleware.OwnPasswordMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "staff.context_processors.shell",
            ],
        },
    },
    {
        # For what a page draws hundreds of times (crm/fragments.py).
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "crm.fragments.environment", "autoescape": True},
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Two database roles (docs/access.md): the application runs as crm_app, migrations as crm_owner.
# A login that may become both (a server's test login) works too: the role is set per session.
_database_url = embedded.app_database_url() if EMBEDDED else env.database("DATABASE_URL")
_owner_url = _database_url
if EMBEDDED:
    _owner_url = embedded.owner_database_url()
elif env.text("DATABASE_OWNER_URL"):
    _owner_url = env.database("DATABASE_OWNER_URL")


def _database(url: str, role: str) -> dict[str, Any]:
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config["CONN_MAX_AGE"] = env.number("DATABASE_CONN_MAX_AGE", default=600)
    config["CONN_HEALTH_CHECKS"] = True
    options = config.setdefault("OPTIONS", {})
    # A socket directory comes as ?host=; where Django looks for it, dbshell finds it too.
    config["HOST"] = options.pop("host", config["HOST"])
    config["PORT"] = options.pop("port", config["PORT"])
    # Statements are short and the data is in memory or on a flash disk: no compiling of plans,
    # and a random read costs little more than one in order.
    options["options"] = f"-c role={role} -c jit=off -c random_page_cost=2"
    options.setdefault("connect_timeout", 5)
    return config


DATABASES = {"default": _database(_database_url, "crm_app")}
DATABASE_OWNER = _database(_owner_url, "crm_owner")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL_GIVEN = "REDIS_URL" in env.given
_redis_url = env.redis("REDIS_URL") if REDIS_URL_GIVEN else embedded.redis_url(database=0)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": embedded.cache_url(_redis_url),
        "KEY_PREFIX": "crm",
    }
}
SESSION_ENGINE = "crm.sessions"
SESSION_COOKIE_AGE = env.number("SESSION_COOKIE_AGE", default=12 * 3600)
SESSION_IDLE_AGE = env.number("SESSION_IDLE_AGE", default=30 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

CELERY_BROKER_URL = embedded.celery_url(_redis_url)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is only a hint (the row is the reminder), so an unacknowledged one may return early.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1200}
CELERY_TIMEZONE = "Asia/Shanghai"

AUTH_USER_MODEL = "staff.Employee"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "staff.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# An address that belongs to nobody here gets no mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Sending the public form behind a QR code (pipeline/capture/public_views.py); looking at it is free. Whole
# halls share one address. What one address may send in an hour is far less than what a code takes,
# so nobody silences another's code.
ACCOUNT_RATE_LIMITS = {"public_form": "150/10m/ip,300/h/ip,1000/h/key"}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "crm.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crm.staticfiles.PackageFinder",
]
# Only what pages name is served; ECharts alone ships dozens of builds. The maps belong to files
# that name them, which the manifest follows.
FRONT_END_FILES = {
    "tabler/css/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/css/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "echarts/echarts.min.js": "echarts/dist/echarts.min.js",
    "sortable/Sortable.min.js": "sortablejs/Sortable.min.js",
}
STORAGES = {
    # Any storage of Django or django-storages; its options as JSON.
    "default": {
        "BACKEND": env.text("FILES_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.options("FILES_STORAGE_OPTIONS"),
    },
    "staticfiles": {"BACKEND": "crm.staticfiles.StaticFilesStorage"},
}
MEDIA_ROOT = HOME / "files"
# Nobody but the product reads them.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# HTTPS is the rule; the embedded demo speaks plain HTTP on localhost.
HTTPS = env.truth("HTTPS", default=not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS
# The machine that watches asks each host by itself, behind the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.truth("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=HTTPS)
SECURE_HSTS_PRELOAD = env.truth("SECURE_HSTS_PRELOAD", default=HTTPS)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
TRUST_PROXY = env.truth("TRUST_PROXY", default=False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits by address count the visitor, not the proxy.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

EMAIL_CONFIG = env.mail("EMAIL_URL", "consolemail://")
vars().update(EMAIL_CONFIG)
# Seconds; a mail server that hangs must not outlast the lease of a digest.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "crm@localhost")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
_level = env.one_of("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "crm.logs.LogFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _level},
}

# Contact history of the public bank data set; tests and bench read it from here (never copied).
REAL_DATA = env.text("CRM_REAL_DATA")

# What cannot be read; crm/checks.py reports it, and nothing serves with it.
FAULTS = tuple(env.faults)
