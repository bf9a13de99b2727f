"""How is the system's Chromium started?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--lang=zh-CN",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real Chromium.

    Raises:
        RuntimeError: Debian's package is not installed.
    """
    if not EXECUTABLE.exists():
        raise RuntimeError(f"{EXECUTABLE} is missing: run `scripts/install_browser`, or install Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(EXECUTABLE), args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            browser.close()
