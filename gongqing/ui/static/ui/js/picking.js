// Rows that can be ticked and acted on together: x ticks the row that has the focus, [data-picked] says how many.
(() => {
  "use strict";
  const boxes = () => Array.from(document.querySelectorAll("[data-row] input[type=checkbox]"));

  function say() {
    const count = boxes().filter((box) => box.checked).length;
    for (const place of document.querySelectorAll("[data-picked]")) place.textContent = ` ${count} 件`;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    const row = event.target.closest("[data-row]");
    const box = row && row.querySelector("input[type=checkbox]");
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    say();
  });
  document.addEventListener("change", (event) => { if (event.target.closest("[data-row]")) say(); });
  window.addEventListener("pageshow", say);
  say();
})();
