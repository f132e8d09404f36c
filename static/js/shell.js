// The shell: dialogs, the command palette, the keyboard, the sidebar. Every page and every act works without it.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

  // ---- dialogs: [data-dialog=id] opens one; Esc, Close and a click beside it close it, and the focus goes back
  function open(dialog) {
    if (!dialog || dialog.open) return;
    for (const menu of all("[popover]:popover-open")) menu.hidePopover();
    dialog.showModal();
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-dialog]");
    if (opener?.dataset.dialog && one(`#${opener.dataset.dialog}`)) {
      event.preventDefault();
      open(one(`#${opener.dataset.dialog}`));
    }
    if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
  });
  document.addEventListener("pointerdown", (event) => {
    const dialog = event.target;
    if (!dialog.matches?.("dialog")) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && !one("form[data-changed]", dialog)) dialog.close();
  });

  // ---- pages that ask: a dangerous link shows the page behind it as a dialog; its form is posted as on the page itself
  const ask = one("#ask");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a.danger, a[data-ask]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.href).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page && one("main form[method=post]", page);
    if (!form) { location.href = link.href; return; }
    one("#ask-title").textContent = one("main h1", page)?.textContent ?? "";
    const parts = all("main > :not(.page-head)", page).map((part) => document.importNode(part, true));
    one(".asked", ask).replaceChildren(...parts);
    for (const part of all("form[method=post]:not([action])", ask)) part.action = link.href;
    open(ask);
  });
  ask?.addEventListener("click", (event) => { // the way back of the page is the way out of the dialog
    const link = event.target.closest(".asked .btns a");
    if (link && link.parentElement.querySelector("button")) { event.preventDefault(); ask.close(); }
  });

  // ---- command palette: a combobox whose list the server makes
  const palette = one("#palette"), field = palette && one("[role=combobox]", palette);
  const hits = () => all("[role=option]:not([aria-disabled])", palette);
  function openPalette(text = "") {
    if (!palette) return;
    field.value = text;
    open(palette);
    field.focus();
    field.dispatchEvent(new Event("palette"));
  }
  function choose(hit) {
    for (const other of hits()) other.setAttribute("aria-selected", String(other === hit));
    if (hit) field.setAttribute("aria-activedescendant", hit.id); else field.removeAttribute("aria-activedescendant");
    hit?.scrollIntoView({ block: "nearest" });
  }
  const chosen = () => hits().find((hit) => hit.getAttribute("aria-selected") === "true");
  const follow = (hit, aside) => { if (aside) window.open(hit.href); else hit.click(); };
  let found = null, waiting = null; // the text that the hits are of; an Enter that came before them
  palette?.addEventListener("htmx:afterSwap", (event) => {
    found = event.detail.requestConfig.parameters.q;
    choose(hits()[0]);
    one("[data-palette-told]").textContent = one("[data-told]", palette)?.textContent ?? "";
    if (waiting && palette.open && found === field.value && chosen()) follow(chosen(), waiting.aside);
    waiting = null;
  });
  field?.addEventListener("input", () => { waiting = null; });
  palette?.addEventListener("close", () => { waiting = null; });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) palette?.addEventListener(name, () => {
    one("#palette-hits").replaceChildren(); // they are of an older text, and without them Enter sends the form
    choose();
    if (waiting) field.form.submit();
  });
  field?.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 }, list = hits();
    if (event.key in steps && list.length) {
      const at = list.indexOf(chosen()) + steps[event.key];
      choose(list.at(at % list.length));
      event.preventDefault();
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      const aside = event.ctrlKey || event.metaKey;
      if (found === field.value) follow(chosen(), aside); else waiting = { aside };
    }
  });
  palette?.addEventListener("pointermove", (event) => {
    const hit = event.target.closest?.("a[role=option]");
    if (hit && hit !== chosen()) choose(hit);
  });
  for (const name of ["click", "input"]) { // not on focus: whoever tabs past the field in the bar goes on
    one("[data-search]")?.addEventListener(name, (event) => {
      const text = event.target.value;
      event.target.value = "";
      openPalette(text);
    });
  }

  // ---- sidebar: at once, and kept by the same form that works without script
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches?.("[data-sidebar-form]") || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter), isNarrow = data.get("sidebar") === "narrow";
    document.documentElement.toggleAttribute("data-sidebar", isNarrow);
    if (isNarrow) document.documentElement.dataset.sidebar = "narrow";
    event.submitter.value = isNarrow ? "wide" : "narrow";
    event.submitter.setAttribute("aria-pressed", String(isNarrow));
    await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => null);
  });

  // ---- keyboard
  const KEPT = "herald-single-keys"; // "off": single keys do nothing (WCAG 2.1.4)
  const singleKeys = () => localStorage.getItem(KEPT) !== "off";
  const rows = () => all("main [data-list] tbody tr");
  const rowLink = (row) => row && (one(".who a, td:not(.check):not(.act) a", row) ?? one("a", row));
  let row = null, afterG = 0;
  function step(by) {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(row) + by;
    row = list[Math.max(0, Math.min(at, list.length - 1))];
    rowLink(row)?.focus();
    row.scrollIntoView({ block: "nearest" });
  }
  const current = () => document.activeElement?.closest?.("[data-list] tbody tr") ?? null;
  const KEYS = {
    "/": () => openPalette(),
    "?": () => open(one("#shortcuts")),
    c: () => one("[popovertarget=m-create]")?.click(),
    e: () => (one("a[data-edit]", current() ?? document) ?? one(".page-head a[href$='/edit/']"))?.click(),
    j: () => { row = current() ?? row; step(1); },
    k: () => { row = current() ?? row; step(-1); },
    x: () => one("input[name=selected]", current() ?? document.createElement("i"))?.click(),
    "[": () => one("[data-sidebar-form] button")?.click(),
    g: () => { afterG = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    const modifier = event.ctrlKey || event.metaKey;
    if (modifier && event.key.toLowerCase() === "k" && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (palette?.open) palette.close(); else openPalette();
      return;
    }
    const typing = event.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (modifier || event.altKey || typing || event.defaultPrevented || !singleKeys() || one("dialog[open], .menu:popover-open")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const page = Date.now() - afterG < 1500 && one(`.side [data-key="${CSS.escape(key)}"]`);
    afterG = 0;
    if (page) page.click(); else if (Object.hasOwn(KEYS, key)) KEYS[key](); else return;
    event.preventDefault();
  });
  const choice = one("[data-shortcuts-switch]");
  if (choice) {
    choice.checked = singleKeys();
    choice.addEventListener("change", () => localStorage.setItem(KEPT, choice.checked ? "on" : "off"));
  }
  if (isMac) for (const key of all("[data-mod]")) key.textContent = "⌘";
})();
