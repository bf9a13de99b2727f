"""Can everybody use the page that is shown now?"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


def check_accessible(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Refuse a page with any violation of WCAG 2.1 A or AA that axe-core finds.

    Args:
        without: selectors to leave out, for drawings (charts, maps) that have a table beside them.
    """
    context = {"exclude": [[selector] for selector in without]} if without else None
    results = Axe().run(page, context=context, options=RULES)
    found = [
        f"{one['id']} ({one['impact']}): {one['help']}\n    "
        + "\n    ".join(node["html"][:160] for node in one["nodes"])
        for one in results.response["violations"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def check_fits(page: Page) -> None:
    """Refuse a page that scrolls sideways."""
    page.wait_for_load_state()  # after a click the old page may be gone and the new one not there
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
