// What was typed survives a lost network and a closed page: every form that is sent (post) and has a text area, under
// its address; <form data-draft="key"> names another key. Each account has its own, and takes over what was typed here
// under that key before signing in. Fields and files go to IndexedDB on this device.
// The form says its key as `draft`; an answer that took what was sent names it back in a cookie (ui/drafts.py), and the
// next page lets go of it. A page can do so too: data-draft-clear="key" ("seat-*" for all that begin so).
// [data-draft-state] inside the form says when it was kept; hidden inputs are kept only with data-draft-keep; passwords
// never; data-draft-skip leaves a field out. Words that the page brings and that were changed since win over the draft.
// Whoever goes back to a form whose draft is cleared finds it empty, not filled by the browser and ready to be sent a
// second time. A field that was filled from its draft hears `restored`.
(() => {
  "use strict";
  const WRITTEN = "form[data-draft], form[method=post], form[hx-post]";
  const TAKEN = "draft_taken";
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

  const unkept = "[data-draft-skip], [name=csrfmiddlewaretoken], [name=draft], [type=password], [type=submit]";

  function kept(field) {
    if (!field.name || field.matches(unkept)) return false;
    return field.type !== "hidden" || field.hasAttribute("data-draft-keep");
  }

  // of an account, a form's address and its first text area: two forms of one page may have one address
  function keyOf(form) {
    if (form.dataset.draft) return ownKey(form.dataset.draft);
    const address = new URL(form.getAttribute("action") || form.getAttribute("hx-post") || location.href, location.href);
    return ownKey(`${address.pathname}#${form.querySelector("textarea").id}`);
  }

  function ownKey(name) {
    return `${document.body.dataset.account || ""}:${name}`;
  }

  // the draft under a key; for a named form also one of before signing in, or of before accounts were told apart
  async function found(form, key) {
    const draft = await store("readonly", (drafts) => drafts.get(key));
    if (draft || !form.dataset.draft) return draft;
    for (const earlier of [`:${form.dataset.draft}`, form.dataset.draft]) {
      const left = await store("readonly", (drafts) => drafts.get(earlier));
      if (!left) continue;
      await store("readwrite", (drafts) => { drafts.delete(earlier); return drafts.put(left, key); });
      return left;
    }
  }

  // the server hears which draft it was, so that it can say that it is taken
  function tellKey(form, key) {
    const told = document.createElement("input");
    Object.assign(told, { type: "hidden", name: "draft", value: key });
    form.append(told);
  }

  function taken() {
    const named = document.cookie.split("; ").find((each) => each.startsWith(`${TAKEN}=`));
    if (!named) return null;
    document.cookie = `${TAKEN}=; path=/; max-age=0; samesite=lax`;
    return decodeURIComponent(named.slice(TAKEN.length + 1));
  }

  // what the page itself brought in its text areas
  function brought(form) {
    return Object.fromEntries(Array.from(form.querySelectorAll("textarea[name]"), (area) => [area.name, area.defaultValue]));
  }

  // somebody changed the words that the page brings after the draft was begun
  function isStale(form, draft) {
    const typed = Object.fromEntries(draft.fields);
    return Object.entries(brought(form)).some(([name, words]) => {
      const ours = [(draft.brought || {})[name], typed[name]].filter((one) => one !== undefined).map((one) => one.trim());
      return draft.brought && words.trim() && !ours.includes(words.trim());
    });
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
      const lost = input.closest(".field")?.querySelector("[data-files-lost]");
      if (lost) Object.assign(lost, { className: "hint", textContent: "附件替您留着，不用重新选。" });
      input.dispatchEvent(new Event("files:restored", { bubbles: true }));
    }
  }

  function stateOf(form) {
    let state = form.querySelector("[data-draft-state]");
    if (!state) {
      state = Object.assign(document.createElement("p"), { className: "small muted" });
      state.dataset.draftState = "";
      state.setAttribute("role", "status");
      form.append(state);
    }
    return state;
  }

  function say(form, at) {
    const time = new Date(at);
    const clock = `${time.getHours()}:${String(time.getMinutes()).padStart(2, "0")}`;
    stateOf(form).textContent = `草稿 ${clock} 已存在本机。`;
  }

  async function tend(form) {
    const key = keyOf(form);
    let waiting = null, touched = false, begun = brought(form);
    tellKey(form, key);
    const save = async () => {
      const draft = { ...read(form), brought: begun };
      await store("readwrite", (drafts) => drafts.put(draft, key));
      say(form, draft.at);
    };
    const later = () => { touched = true; clearTimeout(waiting); waiting = setTimeout(save, 400); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("files:changed", later);
    form.addEventListener("submit", (event) => {
      clearTimeout(waiting);
      const saved = save();
      const notice = form.querySelector("[data-offline]") || document.querySelector("[data-offline]");
      if (navigator.onLine) return;
      event.preventDefault();
      if (notice) { notice.hidden = false; notice.scrollIntoView({ block: "center" }); }
      else saved.then(() => { stateOf(form).textContent = "现在没网，写的已存在本机。有网了再按一次。"; });
    }, true);
    const draft = await found(form, key);
    if (touched || form.hasAttribute("data-draft-fresh")) return;
    if (!draft) { if (wentBack) form.reset(); return; }
    if (Date.now() - draft.at > LASTS || isStale(form, draft)) { await store("readwrite", (drafts) => drafts.delete(key)); return; }
    begun = draft.brought || begun;
    fill(form, draft);
    const fold = form.closest("details");
    if (fold) fold.open = true;
    say(form, draft.at);
    form.dispatchEvent(new Event("draft:restored", { bubbles: true }));
  }

  async function start(scope) {
    const done = taken();
    if (done) await store("readwrite", (drafts) => drafts.delete(done));
    for (const mark of scope.querySelectorAll("[data-draft-clear]")) {
      const key = ownKey(mark.dataset.draftClear);
      const start = key.slice(0, -1);
      const meant = key.endsWith("*") ? IDBKeyRange.bound(start, `${start}\uffff`) : key;
      await store("readwrite", (drafts) => drafts.delete(meant));
    }
    for (const form of scope.querySelectorAll(WRITTEN)) {
      if (form.dataset.draftTended || !form.dataset.draft && !form.querySelector("textarea")) continue;
      form.dataset.draftTended = "yes";
      tend(form).catch(() => {});
    }
  }

  opened.then(() => start(document)).catch(() => {});
  document.addEventListener("htmx:after:swap", () => start(document).catch(() => {}));
})();
