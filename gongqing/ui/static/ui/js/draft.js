// What was typed survives a lost network and a closed page: <form data-draft="key">.
// Fields and files go to IndexedDB on this device. The next page clears them with data-draft-clear="key" ("seat-*" for
// all that begin so, "*" for all, as the sign-in page does on shared computers). [data-draft-state] inside the form says when it was kept;
// hidden inputs are kept only with data-draft-keep; passwords never; data-draft-skip leaves a field out. Whoever goes back
// to a form whose draft is cleared finds it empty, not filled by the browser and ready to be sent a second time. A field
// that was filled from its draft hears `restored`.
(() => {
  "use strict";
  const LASTS = 14 * 24 * 60 * 60 * 1000;
  const wentBack = (performance.getEntriesByType("navigation")[0] || {}).type === "back_forward";
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("drafts", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("drafts");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function store(mode, work) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("drafts", mode);
      const request = work(transaction.objectStore("drafts"));
      transaction.oncomplete = () => resolve(request && request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  }

  function kept(field) {
    if (!field.name || field.matches("[data-draft-skip], [name=csrfmiddlewaretoken], [type=password], [type=submit]")) return false;
    return field.type !== "hidden" || field.hasAttribute("data-draft-keep");
  }

  function read(form) {
    const fields = [], files = {};
    for (const field of Array.from(form.elements).filter(kept)) {
      if (field.type === "file") files[field.name] = Array.from(field.files);
      else if (field.type === "checkbox" || field.type === "radio") fields.push([field.name, field.value, field.checked]);
      else fields.push([field.name, field.value]);
    }
    return { fields, files, at: Date.now() };
  }

  function fill(form, draft) {
    for (const [name, value, checked] of draft.fields) {
      const fields = Array.from(form.elements).filter((field) => field.name === name && kept(field));
      if (checked === undefined) {
        for (const field of fields) {
          if (field.value === value) continue;
          field.value = value;
          field.dispatchEvent(new Event("restored"));
        }
        continue;
      }
      for (const field of fields) if (field.value === value) field.checked = checked;
    }
    for (const [name, files] of Object.entries(draft.files)) {
      const input = form.elements[name];
      if (!files.length || !input || input.type !== "file") continue;
      const carrier = new DataTransfer();
      for (const file of files) carrier.items.add(file);
      input.files = carrier.files;
      input.dispatchEvent(new Event("files:restored", { bubbles: true }));
    }
  }

  function say(form, at) {
    const state = form.querySelector("[data-draft-state]");
    if (!state) return;
    const time = new Date(at);
    const clock = `${time.getHours()}:${String(time.getMinutes()).padStart(2, "0")}`;
    state.textContent = `草稿 ${clock} 已存在本机。`;
  }

  async function tend(form) {
    const key = form.dataset.draft;
    let waiting = null, touched = false;
    const save = async () => {
      const draft = read(form);
      await store("readwrite", (drafts) => drafts.put(draft, key));
      say(form, draft.at);
    };
    const later = () => { touched = true; clearTimeout(waiting); waiting = setTimeout(save, 400); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("files:changed", later);
    form.addEventListener("submit", (event) => {
      clearTimeout(waiting);
      save();
      if (navigator.onLine) return;
      event.preventDefault();
      const notice = form.querySelector("[data-offline]") || document.querySelector("[data-offline]");
      if (notice) { notice.hidden = false; notice.scrollIntoView({ block: "center" }); }
    }, true);
    const draft = await store("readonly", (drafts) => drafts.get(key));
    if (touched || form.hasAttribute("data-draft-fresh")) return;
    if (!draft) { if (wentBack) form.reset(); return; }
    if (Date.now() - draft.at > LASTS) { await store("readwrite", (drafts) => drafts.delete(key)); return; }
    fill(form, draft);
    const fold = form.closest("details");
    if (fold) fold.open = true;
    say(form, draft.at);
    form.dispatchEvent(new Event("draft:restored", { bubbles: true }));
  }

  async function start(scope) {
    for (const mark of scope.querySelectorAll("[data-draft-clear]")) {
      const key = mark.dataset.draftClear;
      const start = key.slice(0, -1);
      const meant = key.endsWith("*") ? IDBKeyRange.bound(start, `${start}\uffff`) : key;
      await store("readwrite", (drafts) => drafts.delete(meant));
    }
    for (const form of scope.querySelectorAll("form[data-draft]")) {
      if (form.dataset.draftTended) continue;
      form.dataset.draftTended = "yes";
      tend(form).catch(() => {});
    }
  }

  opened.then(() => start(document)).catch(() => {});
  document.addEventListener("htmx:after:swap", () => start(document).catch(() => {}));
})();
