// The one question before something that cannot be taken back: data-confirm="…" on a button, a link or an htmx element
// (hx-confirm works too); data-confirm-label="删除" names the yes.
(() => {
  "use strict";
  const dialog = document.getElementById("confirm");
  if (!dialog || !dialog.showModal) return;
  const text = document.getElementById("confirm-text");
  const yes = dialog.querySelector("[data-confirm-yes]");
  let agreed = null;

  function ask(question, label, then) {
    text.textContent = question;
    yes.textContent = label || "确定";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => then(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-confirm]");
    if (!asked || asked === agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asked.dataset.confirm, asked.dataset.confirmLabel, (sure) => {
      if (!sure) { asked.focus(); return; }
      agreed = asked;
      asked.click();
      agreed = null;
    });
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    event.preventDefault();
    ask(ctx.confirm, event.target.dataset.confirmLabel, (sure) => (sure ? issueRequest() : dropRequest()));
  });
})();
