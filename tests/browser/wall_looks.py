"""Can a wall be read from five metres, and is everything on it whole?"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

SMALLEST, PRESSED = 24, 48

LOOK = """() => {
  const page = document.querySelector(".wall-page"), right = innerWidth + 1, bottom = innerHeight + 1;
  const small = [], outside = [], cut = [], pressed = [], over = [], wrong = [];
  const words = (element) => `${element.tagName}.${element.getAttribute("class") || ""} ${element.textContent.trim().slice(0, 30)}`;
  const isSeen = (element) => !element.closest(".visually-hidden, .sheet, .narrow") && element.getClientRects().length;
  const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !isSeen(element)) continue;
    const drawn = element.ownerSVGElement ? element.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * drawn;
    if (!element.closest("footer")) small.push([Math.round(size * 10) / 10, words(element)]);
    const box = element.getBoundingClientRect();
    if (box.left < -1 || box.right > right || box.bottom > bottom) outside.push(words(element));
    if (/NaN|undefined|None|null/.test(node.textContent)) wrong.push(words(element));
  }
  for (const element of page.querySelectorAll("*")) {
    if (element.ownerSVGElement || element.tagName === "svg" || !isSeen(element)) continue;
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline") {
      cut.push([getComputedStyle(element).textOverflow, words(element)]);
    }
  }
  for (const section of page.querySelectorAll(":scope > section")) {
    const box = section.getBoundingClientRect();
    for (const child of section.querySelectorAll("*")) {
      if (!child.ownerSVGElement && isSeen(child) && child.getBoundingClientRect().bottom > box.bottom + 1) { over.push(words(child)); break; }
    }
    const blocks = [...section.children].filter(isSeen).map((child) => child.getBoundingClientRect());
    blocks.slice(1).forEach((block, n) => { if (block.top < blocks[n].bottom - 1) over.push(`${words(section)}: ${n}`); });
  }
  for (const element of page.querySelectorAll("a, button, summary")) {
    const box = element.getBoundingClientRect();
    if (isSeen(element)) pressed.push([Math.round(Math.min(box.width, box.height)), words(element)]);
  }
  const texts = [...page.querySelectorAll(".map text")].filter(isSeen).map((text) => [text.textContent, text.getBBox()]);
  const meet = [];
  texts.forEach(([one, a], n) => texts.slice(n + 1).forEach(([other, b]) => {
    const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const foot = 0.22; // a line's box is higher than its signs
    const down = Math.min(a.y + a.height * (1 - foot), b.y + b.height * (1 - foot)) - Math.max(a.y + a.height * foot, b.y + b.height * foot);
    if (across > 2 && down > 2) meet.push(`${one} on ${other}`);
  }));
  const root = document.documentElement;
  return {small, outside, cut, over, pressed, meet, wrong, scrolls: [root.scrollWidth - root.clientWidth, root.scrollHeight - root.clientHeight]};
}"""


def check_wall(page: Page, *, scale: float = 1.0, shortened: bool = False) -> None:
    """Refuse a wall with small type, small targets, anything cut off, outside or on top of something else.

    Args:
        scale: how much smaller or larger than 1920 × 1080 the screen is.
        shortened: whether names may end in dots.
    """
    found: dict[str, Any] = page.evaluate(LOOK)
    assert len(found["small"]) > 20
    assert [each for each in found["small"] if each[0] < SMALLEST * scale - 0.2] == []
    assert [each for each in found["pressed"] if each[0] < PRESSED * scale - 1] == []
    assert [words for ends_in, words in found["cut"] if not (shortened and ends_in == "ellipsis")] == []
    for what in ("outside", "over", "meet", "wrong"):
        assert found[what] == [], what
    assert found["scrolls"] == [0, 0]
