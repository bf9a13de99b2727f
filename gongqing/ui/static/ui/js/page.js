// Small habits of every page: a refused form stands where it was filled in, no double sending, toasts, menus that close, filters that apply themselves, the offline shell.
(() => {
  "use strict";

  // A refused form is shown under the address that takes it, which cannot be opened, reloaded or gone back to. Its page
  // takes the address where it was filled in, and opens at what is wrong.
  const arrival = performance.getEntriesByType("navigation")[0] || {};
  if ("posted" in document.body.dataset && arrival.responseStatus >= 400) {
    const from = document.referrer && new URL(document.referrer);
    if (from && from.origin === location.origin && from.pathname !== location.pathname) {
      for (const form of document.querySelectorAll("form:not([action])")) form.action = location.href;
      history.replaceState(null, "", from.href);
    }
    const wrong = document.querySelector("main form .field.bad, main form [role=alert]");
    if (wrong) wrong.scrollIntoView({ block: "center" });
  }

  // A form is sent once; the button says so until the next page arrives, or ten seconds for one that only downloads.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "yes";
    (event.submitter || form).setAttribute("aria-busy", "true");
    setTimeout(() => release(document), 10000);
  });
  function release(scope) {
    for (const form of scope.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
    for (const busy of scope.querySelectorAll("[aria-busy='true']")) busy.removeAttribute("aria-busy");
  }
  window.addEventListener("pageshow", () => release(document));
  document.addEventListener("htmx:finally:request", () => release(document));

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.parentElement.remove();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // What happened, and the way back: window.toast(text) or the response header HX-Trigger: {"toast": "…"}.
  window.toast = (text) => {
    const slot = document.getElementById("toasts");
    if (!slot || !text) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.append(text);
    const button = document.createElement("button");
    button.className = "btn plain";
    button.type = "button";
    button.dataset.dismiss = "";
    button.textContent = "知道了";
    toast.append(button);
    slot.append(toast);
  };
  document.addEventListener("toast", (event) => window.toast(event.detail && event.detail.value));
  document.addEventListener("htmx:error", () => window.toast("没有连上，刚才这一步没有办成。请检查网络再试一次。"));

  // Sections that only make sense without network, or only with it.
  function showNetwork() {
    for (const part of document.querySelectorAll("[data-offline]")) part.hidden = navigator.onLine;
  }
  window.addEventListener("online", showNetwork);
  window.addEventListener("offline", showNetwork);
  showNetwork();

  // What scrolls sideways can be scrolled by keyboard.
  function openScrollers() {
    for (const part of document.querySelectorAll(".table-wrap, .ruler, .filters, .tabs")) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0; else part.removeAttribute("tabindex");
    }
  }
  window.addEventListener("resize", openScrollers);
  document.addEventListener("htmx:after:swap", openScrollers);
  openScrollers();
  // A long ruler opens at today.
  for (const ruler of document.querySelectorAll(".ruler")) {
    const today = ruler.querySelector(".today");
    if (today) ruler.scrollLeft = today.getBoundingClientRect().left - ruler.getBoundingClientRect().left - ruler.clientWidth * 0.7;
  }

  // One identity per form, so that sending twice is recognised: an empty hidden input [data-uuid] gets a random UUID.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
  for (const input of document.querySelectorAll("input[data-uuid]")) if (!input.value) input.value = uuid();

  const worker = document.querySelector("meta[name='service-worker']");
  if (worker && "serviceWorker" in navigator) navigator.serviceWorker.register(worker.content).catch(() => {});
})();
