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
