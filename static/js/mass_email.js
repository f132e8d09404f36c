// The mass email editor and its page: links into dialogs, the schedule dialog, fields that a check names, the time
// in which Send now can be undone. All of it are links and forms that work without script.
"use strict";

(() => {
  // ---- a link with data-dialog shows its page's part here; without script it is the page itself
  const dialog = Object.assign(document.createElement("dialog"), { id: "dialog" });
  dialog.setAttribute("aria-labelledby", "dialog-heading");
  document.addEventListener("DOMContentLoaded", () => document.body.append(dialog));
  let shown = location.href;
  async function show(url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "dialog" }, redirect: "manual" }).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    if (!html.includes("dialog-heading")) { location.assign(url); return; }
    shown = url;
    dialog.innerHTML = html;
    htmx.process(dialog);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }
  document.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest?.("[data-close-dialog]")?.closest("dialog")) {
      event.preventDefault();
      dialog.close();
    }
    const link = event.target.closest?.('a[data-dialog=""], #dialog .pager a, #dialog .chips a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(new URL(link.getAttribute("href"), link.closest("#dialog") ? shown : location.href).href); // “?page=2” is of what is shown
  });

  // ---- Schedule…: what is typed is saved first, then the facts are shown
  const form = document.getElementById("mass-email");
  form?.addEventListener("submit", async (event) => {
    const url = form.querySelector("[data-schedule]")?.dataset.schedule;
    if (event.submitter?.value !== "schedule" || !url) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const now = new CustomEvent("autosave:now", { detail: {} });
    form.dispatchEvent(now);
    if (await (now.detail.done ?? true)) show(url); else form.querySelector("[data-autosave-state]")?.scrollIntoView({ block: "nearest" });
  });

  // ---- how many are on each chosen list, beside its name
  function counts() {
    for (const one of document.querySelectorAll("#arithmetic [data-list]")) {
      for (const token of document.querySelectorAll(`.tok[data-value="${one.dataset.list}"]`)) {
        const shown = token.querySelector("b") ?? document.createElement("b");
        shown.textContent = one.textContent;
        token.lastElementChild.before(shown);
      }
    }
  }
  document.addEventListener("DOMContentLoaded", counts);
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "arithmetic") counts(); });

  // ---- an empty From shows what stands in for it: that of the chosen account
  const account = document.getElementById("id_account");
  account?.addEventListener("change", () => {
    const [name, address] = JSON.parse(account.dataset.senders)[account.value];
    document.getElementById("id_from_name").placeholder = name;
    document.getElementById("id_from_address").placeholder = address;
  });

  // ---- a check leads to its field, also where the field is dressed as tokens
  document.addEventListener("click", (event) => {
    const id = event.target.closest?.("a[href^='#id_']")?.hash.slice(1);
    const field = id && (document.getElementById(`${id}_add`) ?? document.getElementById(id));
    if (!field) return;
    event.preventDefault();
    dialog.close();
    field.closest(".field")?.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });

  // ---- the preview keeps its look (phone, dark, text …) when another person is shown
  let look = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#preview [data-devices] button");
    if (button) look = button.dataset;
  });
  document.addEventListener("htmx:load", (event) => {
    if (!look || event.detail.elt.id !== "preview") return;
    const wanted = look.part ? `[data-part="${look.part}"]` : `[data-device="${look.device}"]`;
    event.detail.elt.querySelector(`[data-devices] ${wanted}`)?.click();
  });

  // ---- Send now: the seconds that are left, then the page as it is
  for (const box of document.querySelectorAll("[data-countdown]")) {
    const ends = Date.parse(box.dataset.countdown), seconds = box.querySelector("[data-seconds]");
    const tick = () => {
      const left = Math.ceil((ends - Date.now()) / 1000);
      seconds.textContent = left > 0 ? `${left} s` : "";
      if (left > -2) setTimeout(tick, 250); else location.reload();
    };
    tick();
  }
})();
