// Which colours and which letter size did this person choose? Runs before the page is drawn, so nothing flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window: lasts for this page */ } };

  let theme = read("theme");
  let large = read("large") === "yes";

  function showTheme() {
    const dark = theme ? theme === "dark" : system.matches;
    const colours = document.getElementById("dark-colours");
    if (colours) colours.media = theme ? (dark ? "all" : "not all") : "(prefers-color-scheme: dark)";
    root.dataset.theme = dark ? "dark" : "light";
  }

  function showLarge() {
    root.classList.toggle("large", large);
    for (const button of document.querySelectorAll("[data-large-toggle]")) button.setAttribute("aria-pressed", String(large));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) {
      theme = root.dataset.theme === "dark" ? "light" : "dark";
      keep("theme", theme);
      showTheme();
    } else if (event.target.closest("[data-large-toggle]")) {
      large = !large;
      keep("large", large ? "yes" : "no");
      showLarge();
    }
  });
  system.addEventListener("change", showTheme);
  document.addEventListener("DOMContentLoaded", showLarge);
  showTheme();
  showLarge();
})();
