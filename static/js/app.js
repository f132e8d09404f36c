// Behaviour that every page shares. Pages work without it: it only makes them quicker to use.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = () => document.body.dataset; // texts come translated from the server

  // ---- menus: popovers placed under their button; the newest browsers do it with CSS alone
  const placedByCss = CSS.supports("position-area", "block-end span-inline-start");
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu")) return;
    const button = document.querySelector(`[popovertarget="${menu.id}"]`);
    button?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    if (!placedByCss && button) {
      const anchor = button.getBoundingClientRect(), box = menu.getBoundingClientRect();
      const fitsBelow = anchor.bottom + box.height + 8 <= innerHeight;
      menu.style.left = `${Math.max(8, Math.min(anchor.right - box.width, innerWidth - box.width - 8))}px`;
      menu.style.top = `${fitsBelow ? anchor.bottom + 4 : Math.max(8, anchor.top - box.height - 4)}px`;
    }
    if (!menu.contains(document.activeElement)) menu.querySelector("a, button:not([disabled])")?.focus({ preventScroll: true });
  }, true);
  // "toggle" comes a moment after the menu: a key that is quicker meets the button, and means the menu too
  const menuOf = (target) => target.closest?.(".menu") ?? document.querySelector(`#${target.getAttribute?.("popovertarget")}.menu:popover-open`);
  document.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: -1 };
    const menu = event.key in steps && menuOf(event.target);
    if (!menu) return;
    const items = all("a, button:not([disabled])", menu), from = items.indexOf(event.target);
    const next = event.key.startsWith("Arrow") ? Math.max(from, event.key === "ArrowUp" ? 0 : -1) + steps[event.key] : steps[event.key];
    items.at(next % items.length)?.focus();
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const item = event.target.closest?.(".menu a, .menu [role^=menuitem], .side a");
    item?.closest("[popover]:popover-open")?.hidePopover();
  });

  // ---- theme: at once, and kept by the same form that works without script
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches?.("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    document.documentElement.dataset.theme = data.get("theme");
    for (const choice of all("button[name=theme]", form)) choice.setAttribute("aria-checked", String(choice === event.submitter));
    dispatchEvent(new Event("themechange"));
    await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => toast(words().failed, "error"));
  });

  // ---- toasts
  const region = (level) => document.querySelector(`[data-toasts=${level === "error" ? "alert" : "status"}]`);
  const made = (tag, values) => Object.assign(document.createElement(tag), values);
  function toast(text, level = "success", undo = "") {
    const box = made("div", { className: `toast ${level}` });
    const close = made("button", { type: "button", textContent: words().close });
    close.dataset.dismiss = "";
    box.append(made("span", { textContent: text }), ...(undo ? [undoForm(undo)] : []), close);
    region(level)?.append(box);
    expire(box);
  }
  function undoForm(token) { // the same form that the server writes into its toasts
    const form = made("form", { method: "post", action: words().undoUrl });
    const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    for (const [name, value] of Object.entries({ csrfmiddlewaretoken: csrf, token, next: location.pathname + location.search })) {
      form.append(made("input", { type: "hidden", name, value }));
    }
    form.append(made("button", { textContent: words().undo }));
    return form;
  }
  function expire(box) {
    if (!box.matches(".error")) setTimeout(() => box.matches(":hover, :focus-within") ? expire(box) : box.remove(), 10000);
  }
  document.addEventListener("click", (event) => event.target.closest?.("[data-dismiss]")?.closest(".toast, .note")?.remove());
  document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.level, event.detail.undo)); // HX-Trigger
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => toast(words().failed, "error"));
  document.addEventListener("htmx:responseError", async ({ detail: { xhr, requestConfig } }) => {
    if (xhr.status === 403 && await sentAgain(requestConfig)) return;
    const text = xhr.status === 401 ? words().signedOut : `${words().failed} (${xhr.status})`;
    if (![...all(".toast.error span")].some((shown) => shown.textContent === text)) toast(text, "error"); // what asks again and again says it once
  });

  // ---- token: who signs in again in another tab has another one than this page, which learns it and asks once more
  const tokens = (root) => all("[name=csrfmiddlewaretoken]", root);
  let learning = null;
  async function learn() {
    const page = await fetch(location.href, { redirect: "manual" }).catch(() => null);
    const token = page?.ok && tokens(new DOMParser().parseFromString(await page.text(), "text/html"))[0]?.value;
    if (!token) return false;
    for (const field of tokens(document)) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    return true;
  }
  const freshToken = () => learning ??= learn().finally(() => { learning = null; });
  document.addEventListener("token:now", (event) => { event.detail.done = freshToken(); });
  const asking = new Set(); // what is being asked a second time is not asked a third time
  async function sentAgain({ verb, path, elt, triggeringEvent: event }) {
    if (verb === "get" || asking.has(elt)) return false;
    asking.add(elt);
    const isFresh = await freshToken();
    const button = event?.submitter;
    if (isFresh) await htmx.ajax(verb, path, { source: elt, event, values: button?.name ? { [button.name]: button.value } : {} });
    asking.delete(elt);
    return isFresh;
  }

  // ---- copy buttons
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy || button.querySelector("code")?.textContent || "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange(); // no permission or no https: select it, and the old command copies
      range.selectNodeContents(button.querySelector("code") ?? button);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    toast(words().copied);
  });

  // ---- lists: tick all rows of the page, shift-click a range, say how many are ticked
  const ticks = (list) => all("tbody input[name=selected]", list);
  let lastTick = null;
  function told(list) {
    const rows = ticks(list), ticked = rows.filter((row) => row.checked).length;
    const head = list.querySelector("[data-tick-all]"), note = list.querySelector("[data-ticked]");
    if (head) [head.checked, head.indeterminate] = [ticked > 0 && ticked === rows.length, ticked > 0 && ticked < rows.length];
    if (ticked < rows.length) for (const scope of all("input[name=scope]", list)) scope.checked = false;
    if (note) note.textContent = list.querySelector("input[name=scope]:checked")?.dataset.total ?? String(ticked);
  }
  document.addEventListener("click", (event) => {
    const box = event.target, list = box.closest?.("[data-list]");
    if (!list || !box.matches("input[type=checkbox]")) {
      if (box.closest?.("[data-untick]") && list) { for (const row of ticks(list)) row.checked = false; told(list); }
      return;
    }
    const rows = ticks(list);
    if (box.matches("[data-tick-all]") || (box.matches("[name=scope]") && box.checked)) {
      for (const row of rows) row.checked = box.checked;
    } else if (box.matches("[name=selected]")) {
      const from = rows.indexOf(lastTick), to = rows.indexOf(box);
      if (event.shiftKey && from >= 0) for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) row.checked = box.checked;
      lastTick = box;
    }
    told(list);
  });
  function ready(root) {
    for (const head of all("[data-tick-all]", root)) head.hidden = false;
    for (const box of all(".toast", root)) expire(box);
    for (const button of all("[popovertarget]", root)) if (button.hasAttribute("aria-haspopup")) button.setAttribute("aria-expanded", "false");
    bringCurrent(root.closest?.(".tabs, .chips") ?? root);
    root.querySelector?.("[data-errors]")?.focus({ preventScroll: false });
  }
  function bringCurrent(root) { // rows that scroll sideways begin where the current one is seen; the page stays where it is
    for (const here of all(":is(.tabs, .chips) [aria-current]", root)) {
      const row = here.closest(".tabs, .chips"), at = here.getBoundingClientRect(), box = row.getBoundingClientRect();
      row.scrollLeft += at.left - box.left - (box.width - at.width) / 2;
    }
  }
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => ready(document));

  // ---- a part that comes again with the search field in it: what was typed since it was asked for stays, and is asked for
  let typed = null;
  document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
    const field = document.activeElement;
    const isOf = field?.matches("input[type=search][id]") && target?.contains(field);
    typed = isOf && requestConfig?.parameters?.[field.name] !== field.value ? field : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const old = typed, field = old && document.getElementById(old.id);
    typed = null;
    if (!field || field === old) return;
    field.value = old.value;
    field.dispatchEvent(new Event("search", { bubbles: true }));
  });

  // ---- forms: one click sends once; a changed form asks before it is left (data-guard)
  document.addEventListener("submit", (event) => {
    const leaves = ["", "_self"].includes(event.target.target) && event.submitter?.dataset.download === undefined;
    if (event.defaultPrevented || event.target.method !== "post" || !leaves) return;
    event.target.dataset.sent = "";
    setTimeout(() => { for (const button of all("button:not([type=button])", event.target)) button.disabled = true; });
  });
  addEventListener("pageshow", (event) => { // the page came back from the browser's memory
    if (event.persisted) for (const form of all("form[data-sent]")) for (const button of all("button", form)) button.disabled = false;
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (form) form.dataset.changed = "";
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-changed]:not([data-sent])")) event.preventDefault();
  });

  // ---- keyboard: Ctrl+S saves the form that has a save bar, Ctrl+Enter also leaves it; single keys are in shell.js
  document.addEventListener("keydown", (event) => {
    if (!["s", "Enter"].includes(event.key) || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return; // what is behind it is not meant
    const close = event.key === "Enter" && document.querySelector("form[data-guard] button[data-save-close]");
    const save = close || document.querySelector("form[data-guard] button[data-save]");
    if (save) { event.preventDefault(); save.click(); }
  });
})();
