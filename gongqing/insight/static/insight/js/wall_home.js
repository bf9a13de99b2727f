// A wall goes back to where it belongs when nobody has touched it for a while; not while the numbers cannot be reached,
// for then the next page could not either.
(() => {
  "use strict";
  const page = document.querySelector("[data-home]");
  if (!page) return;
  const REST = 180000, LOOK = 5000;
  let touched = Date.now();
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { touched = Date.now(); });
  setInterval(() => {
    const reached = ["live", "polled", undefined].includes(page.dataset.state) && navigator.onLine;
    if (reached && Date.now() - touched > REST) location.assign(page.dataset.home);
  }, LOOK);
})();
