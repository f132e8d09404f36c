// One click in the mail is enough: the page posts itself at the first sign of a person. Link scanners that run scripts
// open the page without touching it, and events made by a script are not trusted, so they opt nobody out.
// "wheel" stands for scrolling: a "scroll" event is trusted even when a script scrolls.
(() => {
  const form = document.querySelector("form[data-opt-out]");
  const signs = ["pointermove", "pointerdown", "touchstart", "keydown", "wheel"];
  let done = false;

  const isSign = (event) =>
    // Browsers send a pointermove of no distance when a page appears under a pointer that rests.
    event.isTrusted && (event.type !== "pointermove" || event.movementX !== 0 || event.movementY !== 0);

  const stop = () => signs.forEach((sign) => removeEventListener(sign, post, true));

  function post(event) {
    if (done || !isSign(event)) return;
    done = true;
    stop();
    form.requestSubmit();
  }

  if (!form) return;
  form.addEventListener("submit", () => {
    done = true;
    form.setAttribute("aria-busy", "true");
  });
  signs.forEach((sign) => addEventListener(sign, post, { capture: true, passive: true }));
})();
