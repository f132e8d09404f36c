// The column chooser, and what is typed while the filter builder comes again. Everything else of a list is links and
// forms; its keys are with the other keys, in shell.js.
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

  // a chosen field asks the server for its operators: who goes on meanwhile keeps what they have typed
  const texts = (builder) => new Map([...builder.querySelectorAll("input[id], select[id]:not([multiple])")].map((one) => [one.id, one.value]));
  const asks = (event) => event.detail.requestConfig?.elt.matches("select") && event.detail.target?.matches?.(".builder");
  let sent = new Map(), typed = [];
  document.addEventListener("htmx:beforeRequest", (event) => { if (asks(event)) sent = texts(event.detail.target); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    typed = asks(event) ? [...texts(event.detail.target)].filter(([id, value]) => sent.get(id) !== value) : [];
  });
  document.addEventListener("htmx:afterSettle", () => { // from now on the new fields ask, too
    for (const [id, value] of typed.splice(0)) {
      const field = document.getElementById(id);
      if (!field || (field.matches("select") && ![...field.options].some((option) => option.value === value))) continue;
      field.value = value;
      if (field.matches("select")) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
