"""The web application, as Granian runs it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
application = get_wsgi_application()
