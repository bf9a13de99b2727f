// A proposal is taken by a press: [data-fill] on a button sets fields of its form, {"name": "value"}, as a hand would.
// [data-filled] says afterwards that it was done, and the proposal goes away.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button || !button.form) return;
    let field = null;
    for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) {
      field = button.form.elements[name];
      field.value = value;
    }
    const said = document.createElement("p");
    said.className = "small muted";
    said.setAttribute("role", "status");
    said.textContent = button.dataset.filled;
    (button.closest("[data-proposal]") || button).replaceWith(said);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
