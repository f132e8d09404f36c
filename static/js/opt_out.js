// One click in the mail is enough: the page posts itself at the first sign of a person. Link scanners that run scripts
// open the page without touching it, and events made by a script are not trusted, so they opt nobody out.
// "wheel" stands for scrolling: a "scroll" event is trusted even when a script scrolls.
(() => {
  const form = document.querySelector("form[data-opt-out]");
  const signs = ["pointermove", "pointerdown", "touchstart", "keydown", "wheel"];
  const patience = 5000; // ms after which the button may be tried again
  let sent = false;

  const isSign = (event) =>
    // Browsers send a pointermove of no distance when a page appears under a pointer that rests.
    event.isTrusted && (event.type !== "pointermove" || event.movementX !== 0 || event.movementY !== 0);

  function post(event) {
    if (!isSign(event)) return;
    signs.forEach((sign) => removeEventListener(sign, post, true));
    if (!sent) form.requestSubmit();
  }

  // Whoever was still on the way to the button when the page posted itself presses what came in its place, and does not
  // mean it: for a moment the page that follows sends nothing.
  const came = Date.now(), moment = 1000;
  for (const other of document.querySelectorAll("form:not([data-opt-out])")) {
    other.addEventListener("submit", (event) => {
      const after = Date.now() - came;
      if (after >= 0 && after < moment) event.preventDefault();
    });
  }

  if (!form) return;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault(); // the press of the button that follows the movement towards it
      return;
    }
    sent = true;
    form.setAttribute("aria-busy", "true");
    setTimeout(() => {
      sent = false;
      form.removeAttribute("aria-busy");
    }, patience);
  });
  signs.forEach((sign) => addEventListener(sign, post, { capture: true, passive: true }));
})();
