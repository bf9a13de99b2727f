"""The web application, as Granian runs it, with everything loaded that every process of it needs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
django_application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from gongqing.config.balancing import UnderWay, balanced  # noqa: E402
from gongqing.language.classify import classify  # noqa: E402
from gongqing.language.facts import read_facts  # noqa: E402

application = balanced(django_application, UnderWay())

_ = get_resolver().url_patterns  # every page and every door
classify("工资")
read_facts("工资")  # with these the weights are in memory

# what is loaded now stays as long as the process; a request makes thousands of objects that go by themselves
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
