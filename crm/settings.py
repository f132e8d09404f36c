"""One settings file: every value from the environment, and a bare checkout boots on SQLite with none set."""

import secrets
import sys
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy

django_stubs_ext.monkeypatch()  # lets class bases say ModelForm[Campaign] at run time too
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# Everything that Herald writes (database, broker, journal, sandbox mail, keys) lives in this one folder.
HERALD_DATA_DIR = Path(env.str("HERALD_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
HERALD_DATA_DIR.mkdir(parents=True, exist_ok=True)


def _kept_secret(name: str) -> str:
    """A secret from the environment, else one made at first start, kept beside the data for its owner's eyes only."""
    given: str = env.str(name, default="")
    if given:
        return given
    path = HERALD_DATA_DIR / "keys" / name.lower()
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)  # exactly one of several processes that start at once wins
        except FileExistsError:
            fresh.unlink()
            return path.read_text()
        fresh.unlink()
    return path.read_text()


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = _kept_secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The first key signs links in mails, all verify: links must work for ever, so keys are only ever added in front.
HERALD_TOKEN_KEYS = env.list("HERALD_TOKEN_KEYS", default=[]) or [_kept_secret("TOKEN_KEY")]
# Fernet keys for stored passwords: derived from text of any length, the first encrypts, all decrypt.
HERALD_ENCRYPTION_KEYS = env.list("HERALD_ENCRYPTION_KEYS", default=[]) or [_kept_secret("ENCRYPTION_KEY")]

SITE_URL = env.str("SITE_URL", default="")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if not HTTPS else [SITE_URL.split("/")[2].split(":")[0]])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if HTTPS else [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "axes",
    "crm",
    "targets",
    "campaigns",
    *env.list("HERALD_APPS", default=[]),  # apps that extend Herald: docs/extending.md
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "campaigns.views.public.cookieless.CookielessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "crm.middleware.BeforeBodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.middleware.SignInMiddleware",
    "crm.middleware.PersonalSettingsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.context_processors.shell",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{HERALD_DATA_DIR / 'herald.sqlite3'}")}
ON_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if ON_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        # A write lock is taken at BEGIN: two read-then-write transactions can never deadlock into "database is locked".
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost/"
if not REDIS_URL:
    _broker = HERALD_DATA_DIR / "broker"
    for _folder in ("queue", "processed", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
# Sending has its own queue and workers: a long portion never keeps the minute's tick waiting.
CELERY_TASK_ROUTES = {"campaigns.send_portion": {"queue": "portions"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # A tick that could not run for a minute is worth nothing any more: the next one does its work.
    "run-due-jobs": {"task": "crm.run_due_jobs", "schedule": 60.0, "options": {"expires": 55}},
}

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "crm:login"
CSRF_FAILURE_VIEW = "crm.views.auth.form_too_old"
LOGIN_REDIRECT_URL = "crm:home"
LOGOUT_REDIRECT_URL = "crm:login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
# Account and address together: a stranger cannot lock the administrator out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "crm/locked_out.html"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", gettext_lazy("English")),
    ("es", gettext_lazy("Spanish")),
    ("fr", gettext_lazy("French")),
    ("id", gettext_lazy("Indonesian")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["crm.formats"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HERALD_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
MEDIA_ROOT = HERALD_DATA_DIR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Names that crm never imports: the apps above give what the shell shows, in this order.
HERALD_DNS_SERVERS = env.list("HERALD_DNS_SERVERS", default=[])  # address:port, instead of the machine's own resolver
# Whether a provider's API or token endpoint, as administrators type it, may lie inside our own network.
HERALD_ALLOW_PRIVATE_ADDRESSES = env.bool("HERALD_ALLOW_PRIVATE_ADDRESSES", default=False)
HERALD_SANDBOX_HOST = env.str("HERALD_SANDBOX_HOST", default="127.0.0.1")
HERALD_SANDBOX_PORT = env.int("HERALD_SANDBOX_PORT", default=2525)
# Where administrators may point a mailbox of the kind Maildir to.
HERALD_MAILDIRS = env.list("HERALD_MAILDIRS", default=[])
HERALD_JOURNAL_DIR = HERALD_DATA_DIR / "journal"
HERALD_GIVE_UP_HOURS = env.int("HERALD_GIVE_UP_HOURS", default=48)  # temporary failures are retried this long
HERALD_BODY_LIMIT = env.int("HERALD_BODY_LIMIT", default=2_000_000)  # octets of a template's body or text
HERALD_ATTACHMENT_LIMIT = env.int("HERALD_ATTACHMENT_LIMIT", default=10 * 1024 * 1024)  # octets of all of a template
# What an import takes: octets of a file, and of an XLSX unpacked; rows; columns; characters of a cell.
HERALD_IMPORT_SIZE = env.int("HERALD_IMPORT_SIZE", default=100 * 1024 * 1024)
HERALD_IMPORT_UNPACKED = env.int("HERALD_IMPORT_UNPACKED", default=300 * 1024 * 1024)
HERALD_IMPORT_ROWS = env.int("HERALD_IMPORT_ROWS", default=1_000_000)
HERALD_IMPORT_COLUMNS = env.int("HERALD_IMPORT_COLUMNS", default=200)
HERALD_IMPORT_CELL = env.int("HERALD_IMPORT_CELL", default=20_000)
HERALD_IMPORT_DAYS = env.int("HERALD_IMPORT_DAYS", default=30)  # its file, refused rows and way back are kept so long
HERALD_ATTACHMENT_COUNT = env.int("HERALD_ATTACHMENT_COUNT", default=10)
HERALD_FILTER_DEPTH = env.int("HERALD_FILTER_DEPTH", default=5)  # groups within groups of a filter or report
HERALD_FILTER_CONDITIONS = env.int("HERALD_FILTER_CONDITIONS", default=50)
HERALD_FILTER_VALUES = env.int("HERALD_FILTER_VALUES", default=200)  # chosen options of one condition
HERALD_FILTER_LENGTH = env.int("HERALD_FILTER_LENGTH", default=8_000)  # characters of a filter in a URL
HERALD_REPORT_GROUPS = env.int("HERALD_REPORT_GROUPS", default=10_000)  # of a grid report
HERALD_EXPORT_DAYS = env.int("HERALD_EXPORT_DAYS", default=7)  # how long an exported file is kept for its owner

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}
