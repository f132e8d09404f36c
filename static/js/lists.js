// The column chooser. Everything else of a list is links and forms; its keys are with the other keys, in shell.js.
"use strict";

(() => {
  // it closes like a menu
  const chooser = () => document.querySelector("details.columns[open]");
  document.addEventListener("click", (event) => {
    const open = chooser();
    if (open && !open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = chooser();
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
