"""Django's settings, from the environment alone."""

from __future__ import annotations

import os

from csp.constants import NONE, SELF

from gongqing.config.environment import database_settings, keyring, read_environment, secret_key

GONGQING = read_environment(dict(os.environ))

HOME = GONGQING.home
DEBUG = GONGQING.debug
SECRET_KEY = secret_key(HOME)
KEYRING = keyring(HOME)
ALLOWED_HOSTS = list(GONGQING.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    "gongqing.ui",
    "gongqing.audit",
    "gongqing.registry",
    "gongqing.accounts",
    "gongqing.notices",
    "gongqing.appeals",
    "gongqing.dispatch",
    "gongqing.voices",
    "gongqing.insight",
    "gongqing.config",
]

MIDDLEWARE = [
    "gongqing.config.metrics.CountingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gongqing.config.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "gongqing.config.bodies.BodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "gongqing.ui.drafts.DraftMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongqing.accounts.middleware.ScopeMiddleware",
    "gongqing.config.errors.RefusalMiddleware",
]

ROOT_URLCONF = "gongqing.config.urls"
WSGI_APPLICATION = "gongqing.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "gongqing.config.navigation.context",
            ],
        },
    }
]

# a short wait and short tries: while the database is away people are told so, and it is found again at once
_pooled = {"pool": {"min_size": 1, "max_size": 16, "timeout": 8, "reconnect_timeout": 5}}
_database = database_settings(GONGQING.owner_url if GONGQING.as_owner else GONGQING.database_url)
if not GONGQING.as_owner and os.environ.get("GONGQING_POOL", "1") == "1":
    _database["OPTIONS"] = {**_database["OPTIONS"], **_pooled}  # type: ignore[dict-item]
else:  # the job worker: each of its threads keeps its connection from one job to the next
    _database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/desk/sign-in"
FORM_RENDERER = "gongqing.ui.controls.Renderer"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = GONGQING.secure
CSRF_FAILURE_VIEW = "gongqing.config.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if GONGQING.behind_proxy else None
SECURE_HSTS_SECONDS = GONGQING.hsts_seconds if GONGQING.secure else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
FILES_ROOT = HOME / "files"
# nine attachments of 10 MB, a sheet of 60 MB or outlines of 40 MB, with their form; the proxies in deploy/ say the same
MOST_BODY_BYTES = 100 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"refused": {"()": "gongqing.config.log_lines.RefusedRequests"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refused"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"gongqing": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
