"""Django's settings, all of them, taken from the environment (docs/reference/settings.md)."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from rouage.config.database import SQLITE, database
from rouage.config.env import env_bool, env_int, env_list, env_str, kept_secret, secret

django_stubs_ext.monkeypatch()

PACKAGE = Path(__file__).resolve().parent.parent

# Where a single box keeps its files: the database, the secret key, uploads.
ROUAGE_HOME = Path(env_str("ROUAGE_HOME", "var")).resolve()
ROUAGE_DEV = env_bool("ROUAGE_DEV")

DEBUG = False
DATABASES = {"default": database(secret("ROUAGE_DATABASE") or f"sqlite:///{ROUAGE_HOME / 'rouage.sqlite3'}")}
# SQLite means one box: web, worker and demo mailbox in one command, and a secret key that the box makes for itself.
ROUAGE_EMBEDDED = DATABASES["default"]["ENGINE"] == SQLITE
if ROUAGE_EMBEDDED:
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)

SECRET_KEY = secret("ROUAGE_SECRET_KEY")
if not SECRET_KEY:
    if not ROUAGE_EMBEDDED:
        msg = "ROUAGE_SECRET_KEY (or _FILE) is required with PostgreSQL: every machine needs the same one."
        raise ImproperlyConfigured(msg)
    SECRET_KEY = kept_secret(ROUAGE_HOME / "secret-key")

# Former keys, while a new one takes over: what they signed or sealed stays readable.
SECRET_KEY_FALLBACKS = secret("ROUAGE_SECRET_KEY_FALLBACKS").replace(",", " ").split()

ROUAGE_BASE_URL = env_str("ROUAGE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
_base = urlsplit(ROUAGE_BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    msg = f"ROUAGE_BASE_URL is {ROUAGE_BASE_URL!r}: write the whole address, such as https://rouage.example.com."
    raise ImproperlyConfigured(msg)
_secure = _base.scheme == "https"
ALLOWED_HOSTS = [*env_list("ROUAGE_HOSTS", "127.0.0.1,localhost,[::1]"), _base.hostname]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# The mail service of the deployment; embedded, the demo mailbox of `rouage serve`.
ROUAGE_MAILBOX_PORT = env_int("ROUAGE_MAILBOX_PORT", 2525, minimum=1)
ROUAGE_SMTP_HOST = env_str("ROUAGE_SMTP_HOST", "127.0.0.1" if ROUAGE_EMBEDDED else "")
ROUAGE_SMTP_PORT = env_int("ROUAGE_SMTP_PORT", 587 if env_str("ROUAGE_SMTP_HOST") else ROUAGE_MAILBOX_PORT, minimum=1)
ROUAGE_SMTP_USER = env_str("ROUAGE_SMTP_USER")
ROUAGE_SMTP_PASSWORD = secret("ROUAGE_SMTP_PASSWORD")
ROUAGE_SMTP_STARTTLS = env_bool("ROUAGE_SMTP_STARTTLS", default=bool(env_str("ROUAGE_SMTP_HOST")))
ROUAGE_MAIL_FROM = env_str("ROUAGE_MAIL_FROM", "Rouage <rouage@localhost>")
if not ROUAGE_SMTP_HOST:
    msg = "ROUAGE_SMTP_HOST is required with PostgreSQL: name the mail server of the deployment."
    raise ImproperlyConfigured(msg)

# What organisations' webhooks and mail servers may reach inside our own network, as host:port.
ROUAGE_OUTBOUND_ALLOW = env_list("ROUAGE_OUTBOUND_ALLOW")

# Runs that one automation may start in a minute before it is held and somebody is told; 0 switches the brake off.
ROUAGE_FLOOD_LIMIT = env_int("ROUAGE_FLOOD_LIMIT", 1000)
# Rows that a pump takes at once.
ROUAGE_PUMPS_BATCH = env_int("ROUAGE_PUMPS_BATCH", 500, minimum=1)
# Days for which it is kept why a trigger started nothing.
ROUAGE_EVALUATION_DAYS = env_int("ROUAGE_EVALUATION_DAYS", 14, minimum=1)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rouage.journal",
    "rouage.accounts",
    "rouage.records",
    "rouage.mail",
    "rouage.functions",
    "rouage.automations",
    "rouage.engine",
    "rouage.api",
    "rouage.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # The member's language, not the browser's: it stands in for Django's LocaleMiddleware.
    "rouage.web.middleware.MemberMiddleware",
]
ROOT_URLCONF = "rouage.config.urls"
WSGI_APPLICATION = "rouage.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rouage.web.context.shell",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
# Every room has its catalogue. Named here they come before those of Django's apps, one of which writes « Courriel ».
LOCALE_PATHS = sorted(PACKAGE.glob("*/locale"))
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# The files are indexed in place at the start: nobody has to run collectstatic, and nothing is looked up per request.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = ROUAGE_DEV
WHITENOISE_ALLOW_ALL_ORIGINS = False
# A day: `{% static %}` adds the file's fingerprint, so that a new version has a new address.
WHITENOISE_MAX_AGE = 0 if ROUAGE_DEV else 86_400
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ROUAGE_DEV
        else "rouage.config.assets.FingerprintStorage"
    },
}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
URLIZE_ASSUME_HTTPS = True

# Work with effects outside is handed over through this seam; see docs/architecture.md. Any queue name is taken.
TASKS = {"default": {"BACKEND": "rouage.engine.dispatch.ThreadBackend", "QUEUES": []}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "rouage.config.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_str("ROUAGE_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # aiosmtpd tells every line of every dialogue, addresses included.
        "mail.log": {"level": "WARNING"},
    },
}
