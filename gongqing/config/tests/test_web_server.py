"""Is everything there before the web server's processes part, and nothing that must not be shared?"""

import subprocess
import sys

LOOK = """
import threading
import gongqing.config.web_server
from django.db import connections
from django.urls import resolvers
from gongqing.language import shipped
assert shipped.opened.cache_info().currsize, "no weights"
assert resolvers.get_resolver().url_patterns and "gongqing.dispatch.web.desk_case" in __import__("sys").modules
assert all(each.connection is None for each in connections.all(initialized_only=True)), "a connection"
assert threading.active_count() == 1, threading.enumerate()
print("ready")
"""


def test_what_is_loaded_before_the_parting_opens_no_connection_and_starts_no_thread():
    looked = subprocess.run([sys.executable, "-c", LOOK], check=False, capture_output=True, text=True)
    assert looked.stdout == "ready\n", looked.stderr


def test_it_is_called_as_granian_is():
    asked = subprocess.run(
        [sys.executable, "-m", "gongqing.config.web_server", "--help"], check=False, capture_output=True, text=True
    )
    assert asked.returncode == 0
    assert "--blocking-threads" in asked.stdout
