// Dark or light: a wall is dark until somebody in front of it chooses. Runs before the page is drawn, so nothing flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem("wall-theme"); } catch { return null; } };
  let theme = read() === "light" ? "light" : "dark";

  function show() {
    const colours = document.getElementById("dark-colours");
    if (colours) colours.media = theme === "dark" ? "all" : "not all";
    root.dataset.theme = theme;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-wall-theme]")) return;
    theme = theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("wall-theme", theme); } catch { /* private window: lasts for this page */ }
    show();
  });
  show();
})();
