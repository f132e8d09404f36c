// Lists by keyboard: j and k go from row to row, x ticks, Enter opens. Everything else of a list is links and forms.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-list] tbody tr[data-row]")];
  const typing = (element) => element.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, .menu");

  function go(step) {
    const all = rows(), at = all.indexOf(document.activeElement?.closest("tr[data-row]"));
    const next = at < 0 ? all[0] : all[at + step];
    if (!next) return;
    next.tabIndex = -1; // reached by these keys alone: Tab goes from link to link
    next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const row = document.activeElement?.closest("tr[data-row]");
    if (event.key === "j" || event.key === "k") go(event.key === "j" ? 1 : -1);
    else if (event.key === "x" && row) row.querySelector("input[name=selected]")?.click();
    else if (event.key === "Enter" && row && row === document.activeElement) row.querySelector("td a[href]")?.click();
    else return;
    event.preventDefault();
  });

  // ---- the column chooser closes like a menu
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
