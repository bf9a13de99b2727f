// Print buttons: data-print opens the browser's print dialogue for the sheets on the page.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
