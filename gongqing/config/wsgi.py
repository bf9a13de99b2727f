"""The web application, as Granian runs it."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
application = get_wsgi_application()

# what is loaded now stays as long as the process; a request makes thousands of objects that go by themselves
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
