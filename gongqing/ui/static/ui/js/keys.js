// The desk by keyboard: a letter presses the element with that data-key, j and k walk through the .item links
// (or [data-item]) of a [data-list], Enter opens, / goes to [data-search].
(() => {
  "use strict";
  const typing = (element) => element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

  function walk(step) {
    const items = Array.from(document.querySelectorAll("[data-list] .item, [data-list] [data-item]"));
    if (!items.length) return;
    let at = items.indexOf(document.activeElement);
    if (at < 0) at = items.findIndex((item) => item.getAttribute("aria-current"));
    const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && event.key.length > 1) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); walk(event.key === "j" ? 1 : -1); return; }
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    const key = event.key.toLowerCase();
    if (!/^[a-z0-9?]$/.test(key)) return;
    const target = Array.from(document.querySelectorAll("[data-key]"))
      .find((element) => element.dataset.key.toLowerCase() === key && !element.disabled && element.offsetParent !== null);
    if (!target) return;
    event.preventDefault();
    if (typing(target)) target.focus(); else target.click();
  });
})();
