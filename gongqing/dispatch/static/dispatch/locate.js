// The place by the phone itself: [data-locate] asks the phone once and keeps longitude and latitude in the form's
// hidden fields; [data-located] says what came of it. The button shows only where the phone can answer.
(() => {
  "use strict";
  const button = document.querySelector("[data-locate]");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  const words = document.querySelector("[data-located]");
  const form = button.closest("form");
  button.hidden = false;

  function show() {
    if (form.elements.longitude.value) words.textContent = "位置已记下，只有办这件事的工会看得到。";
  }

  button.addEventListener("click", () => {
    words.textContent = "正在问手机在哪里…";
    navigator.geolocation.getCurrentPosition((found) => {
      form.elements.longitude.value = found.coords.longitude.toFixed(5);
      form.elements.latitude.value = found.coords.latitude.toFixed(5);
      form.dispatchEvent(new Event("change", { bubbles: true }));
      show();
    }, () => {
      words.textContent = "没有拿到位置。请选镇街，或者写一句在哪儿。";
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
  form.addEventListener("draft:restored", show);
  show();
})();
