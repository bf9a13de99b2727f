// The seat by keyboard: F-keys and Alt with a digit go to [data-alt-focus], or press [data-alt-press]; Ctrl+Enter sends
// form[data-ctrl-enter]. A [data-timer] counts the minutes of the call. The words are read half a second after typing.
// [data-confirm-written] asks that question before it is pressed, as long as words stand there that are not registered.
(() => {
  "use strict";
  const PAUSE = 500;

  function named(event) {
    if (/^F\d{1,2}$/.test(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) return event.key;
    const digit = /^Digit([1-9])$/.exec(event.code);
    return digit && event.altKey && !event.ctrlKey && !event.metaKey ? digit[1] : "";
  }

  const enter = (details) => details.querySelector("textarea, input:not([type=hidden])").focus();
  const seen = (element) => !element.disabled && element.getClientRects().length > 0;

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = document.querySelector("form[data-ctrl-enter]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    const key = named(event);
    if (!key) return;
    const pressed = Array.from(document.querySelectorAll(`[data-alt-press="${key}"]`)).find(seen);
    if (pressed) {
      event.preventDefault();
      if (!event.repeat) pressed.click();
      return;
    }
    const reached = Array.from(document.querySelectorAll(`[data-alt-focus="${key}"]`)).find(seen);
    if (!reached) return;
    event.preventDefault();
    if (reached.matches("details[open] > summary")) { enter(reached.parentElement); return; }
    reached.focus();
    if (reached.matches("input:not([type=radio])")) reached.select();
  });

  const timers = document.querySelectorAll("[data-timer]");
  function tick() {
    for (const timer of timers) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(timer.dataset.timer)) / 1000));
      const two = (number) => String(number).padStart(2, "0");
      timer.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    }
  }
  if (timers.length) { tick(); setInterval(tick, 1000); }

  const form = document.getElementById("seat-form"), reading = document.getElementById("seat-reading");
  if (!form || !reading) return;
  let waiting = null;
  const read = () => reading.dispatchEvent(new Event("seatread"));
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(read, PAUSE); });
  form.addEventListener("draft:restored", read);
  if (form.elements.text.value) window.addEventListener("load", read, { once: true });

  function ask() {
    const written = form.elements.text.value.trim() !== "";
    for (const button of document.querySelectorAll("[data-confirm-written]")) {
      if (written) button.dataset.confirm = button.dataset.confirmWritten; else delete button.dataset.confirm;
    }
  }
  form.addEventListener("input", ask);
  form.addEventListener("draft:restored", ask);
  ask();

  // The part with the caller's matters came anew: back to the refused words, else on with the words of the call.
  document.addEventListener("htmx:after:swap", () => {
    ask();
    if (document.activeElement !== document.body) return;
    const refused = document.querySelector("#history details[open]");
    if (refused) enter(refused); else form.elements.text.focus();
  });
})();
