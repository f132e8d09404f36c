// Forms with data-autosave are saved while somebody writes. Without script the Save button does it.
//   data-autosave="URL"     where the form is posted; data-refresh="CSS" parts to renew when the page becomes another
//   [data-autosave-state]   says what is saved; its data-* attributes are the words, translated by the server
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const told = document.querySelector("[data-autosave-state]"), words = told.dataset;
  const IDLE = 2000, AGAIN = 10000;
  let typed = 0, stored = 0, timer = null, running = null, stopped = false;

  function say(text, state) {
    if (told.textContent !== text) told.textContent = text;
    words.state = state;
  }
  const isDirty = () => typed !== stored;
  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  function changed(event) {
    if (event.target.closest?.("[data-not-saved]")) return; // looking as somebody else changes nothing
    typed += 1;
    form.dataset.changed = "";
    if (stopped) return;
    say(words.unsaved, "unsaved");
    later(IDLE);
  }

  // One save at a time; what is typed meanwhile is saved by the next one.
  function save() {
    clearTimeout(timer);
    if (stopped || !isDirty()) return running ?? Promise.resolve(true);
    running ??= send().finally(() => { running = null; if (!stopped && isDirty() && words.state === "saved") later(IDLE); });
    return running;
  }
  async function send() {
    const sent = typed;
    say(words.saving, "saving");
    let answer = await post();
    if (answer?.status === 403 && await freshToken()) answer = await post(); // signed in again: another token
    if (!answer || answer.status >= 500) return failed(words.away, AGAIN);
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return failed(words.signedOut, AGAIN);
    if (answer.status === 409) return conflict(await answer.text());
    const result = await answer.json().catch(() => null);
    if (!result) return failed(words.away, AGAIN);
    if (!answer.ok) return failed(result.said);
    saved(result, sent);
    return true;
  }
  function post(options) {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (typeof value !== "string") data.delete(name); // files go with Save
    return fetch(form.dataset.autosave, { method: "POST", body: data, redirect: "manual", ...options }).catch(() => null);
  }
  function failed(text, wait) {
    say(text, "error");
    if (wait) later(wait);
    return false;
  }
  function saved(result, sent) {
    stored = sent;
    for (const [name, value] of Object.entries(result.set)) form.elements[name].value = value;
    if (isDirty()) say(words.unsaved, "unsaved");
    else { say(result.said, "saved"); delete form.dataset.changed; }
    words.state = "saved";
    if (result.page && result.autosave !== form.dataset.autosave) become(result);
    form.dispatchEvent(new Event("saved", { bubbles: true }));
  }
  function conflict(html) {
    stopped = true;
    say(words.elsewhere, "error");
    form.querySelector("[data-conflict]")?.remove();
    form.insertAdjacentHTML("afterbegin", html);
    form.querySelector("[data-conflict]").focus();
    return false;
  }
  function freshToken() { // app.js fetches it for all forms of the page
    const asked = new CustomEvent("token:now", { detail: {} });
    document.dispatchEvent(asked);
    return asked.detail.done;
  }

  // The first save of something new made it: the page goes on as its editor, and what stands in the form stays.
  async function become(result) {
    form.action = result.page;
    form.dataset.autosave = result.autosave;
    history.replaceState(history.state, "", result.page);
    const page = await fetch(result.page).catch(() => null);
    if (!page?.ok) return;
    const made = new DOMParser().parseFromString(await page.text(), "text/html");
    for (const selector of form.dataset.refresh.split(",")) {
      const old = document.querySelector(selector), fresh = made.querySelector(selector);
      if (!old || !fresh) continue;
      old.replaceWith(fresh);
      htmx.process(fresh);
    }
    document.title = made.title;
  }

  // A form that is sent waits for the save that is under way, or it would be in conflict with itself.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    running.then(() => form.requestSubmit(button));
  }, true);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  addEventListener("pagehide", () => { if (isDirty() && !stopped && form.dataset.sent === undefined) post({ keepalive: true }); });
  form.addEventListener("autosave:now", (event) => { event.detail.done = save(); });
})();
