"""Take the README's screenshots: `python -m tests.shots docs/shots`, or `make shots`.

Starts the platform with the small demo under `var/shots`, signs in as the demo's people and photographs real pages. With
`--address` it photographs a platform that is running already.
"""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.people import sign_in_staff, sign_in_worker
from tests.running import Platform, platform

PHONE = (390, 844)
DESK = (1440, 900)


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        who: a demo account; "worker" signs in by phone, "" is nobody.
        path: where the page is; `first:PATTERN` follows the first link that matches on the page before.
    """

    name: str
    who: str
    path: str
    size: tuple[int, int]


SHOTS = [
    Shot("worker-home", "worker", "/", PHONE),
    Shot("worker-say", "worker", "/say", PHONE),
    Shot("desk-inbox", "town", "/desk/", DESK),
    Shot("desk-case", "town", r"first:/desk/appeals/GQ\w+", DESK),
]


def take(browser: Browser, address: str, folder: Path) -> list[str]:
    """Take every picture; returns the names of those whose page is missing."""
    missing = []
    for shot in SHOTS:
        width, height = shot.size
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            device_scale_factor=2 if shot.size == PHONE else 1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page = context.new_page()
        if _open(page, shot):
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{shot.name}.png")
        else:
            missing.append(shot.name)
        context.close()
    return missing


def _open(page: Page, shot: Shot) -> bool:
    if shot.who == "worker":
        sign_in_worker(page)
    elif shot.who:
        sign_in_staff(page, shot.who)
    if not shot.path.startswith("first:"):
        answer = page.goto(shot.path)
        return answer is not None and answer.ok
    pattern = re.compile(shot.path.removeprefix("first:"))
    page.goto("/desk/")
    links = [link.get_attribute("href") or "" for link in page.locator("a[href]").all()]
    found = next((link for link in links if pattern.search(link)), None)
    if found is None:
        return False
    answer = page.goto(found)
    return answer is not None and answer.ok


def main(arguments: list[str]) -> int:
    """Take the pictures into a folder.

    Returns:
        0 done, 1 when a page is missing.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default="")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    own = platform(Path("var/shots").resolve(), demo="small") if not options.address else None
    with own or nullcontext(Platform(options.address, Path())) as running, chromium() as browser:
        missing = take(browser, running.address, options.folder)
    for name in missing:
        print(f"no page for {name}", file=sys.stderr)  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
