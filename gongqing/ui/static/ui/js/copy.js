// Copy buttons: data-copy="text" or data-copy-from="#id". Works without https too.
(() => {
  "use strict";
  function copyOldWay(text) {
    const area = document.createElement("textarea");
    area.className = "visually-hidden";
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* refused: the old way */ }
    }
    return copyOldWay(text);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const before = button.dataset.copyLabel || button.textContent;
    button.dataset.copyLabel = before;
    const done = await copy(button.dataset.copy || (source && source.textContent.trim()) || "");
    button.textContent = done ? "已复制" : "没复制成";
    button.focus();
    setTimeout(() => { button.textContent = before; }, 2500);
  });
})();
