// Chosen files are seen and can be taken back: <input type="file" multiple data-preview="list-id">.
// Choosing again adds to what is there. Pictures are shown from blob: addresses.
(() => {
  "use strict";
  const held = new WeakMap();

  function put(input, files) {
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    held.set(input, files);
  }

  function thumbnail(input, file) {
    const figure = document.createElement("figure");
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = URL.createObjectURL(file);
      image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      figure.append(image);
    } else {
      figure.append(file.name.slice(0, 12));
    }
    const off = document.createElement("span");
    off.className = "off";
    off.textContent = "去掉";
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `去掉 ${file.name}`);
    button.addEventListener("click", () => {
      put(input, (held.get(input) || []).filter((other) => other !== file));
      draw(input);
      input.dispatchEvent(new Event("files:changed", { bubbles: true }));
    });
    figure.append(off, button);
    return figure;
  }

  function draw(input) {
    const list = document.getElementById(input.dataset.preview);
    if (!list) return;
    for (const old of list.querySelectorAll("figure")) if (old.dataset.of === input.name) old.remove();
    for (const file of held.get(input) || []) {
      const figure = thumbnail(input, file);
      figure.dataset.of = input.name;
      list.append(figure);
    }
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-preview]")) return;
    const before = input.multiple ? held.get(input) || [] : [];
    const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
    const fresh = Array.from(input.files).filter((file) => !before.some((other) => same(file, other)));
    put(input, [...before, ...fresh]);
    draw(input);
    input.dispatchEvent(new Event("files:changed", { bubbles: true }));
  });

  // draft.js gives back the files of an unfinished form
  document.addEventListener("files:restored", (event) => {
    held.set(event.target, Array.from(event.target.files));
    draw(event.target);
  });
})();
