// The template editor: live preview and check while typing, inserting placeholders, counting characters. The code editor
// itself is build/template_code.js; without it the textarea does the same. Buttons do it without any script.
"use strict";

(() => {
  const form = document.getElementById("template"), body = document.getElementById("id_body");
  if (!form || !body) return;
  const button = form.querySelector("[data-preview]"), problems = document.getElementById("problems");
  const mail = form.querySelector("[data-mail]");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- preview: the same fields in a form of their own, so that the editor is never "sent". Every one into a frame of
  // its own, shown when it is there: nothing flickers, and the Back button leaves the page, not the last preview.
  let frames = 0;
  function preview() {
    const old = all("iframe", mail), fresh = old.at(-1).cloneNode();
    fresh.removeAttribute("src");
    fresh.name = `preview-${frames += 1}`;
    fresh.classList.add("waiting");
    fresh.addEventListener("load", () => {
      for (const frame of old) frame.remove();
      fresh.classList.remove("waiting");
    }, { once: true });
    const copy = Object.assign(document.createElement("form"), { method: "post", action: button.formAction, target: fresh.name, hidden: true });
    const data = new FormData(form);
    if (!data.get("record")) data.set("worst", "1");
    if (mail.dataset.part) data.set("part", mail.dataset.part);
    for (const [name, value] of data) {
      if (typeof value === "string") copy.append(Object.assign(document.createElement("textarea"), { name, value }));
    }
    old.at(-1).after(fresh);
    document.body.append(copy);
    copy.submit();
    copy.remove();
  }
  let asked = 0;
  async function check() {
    const number = asked += 1;
    const answer = await fetch(problems.dataset.check, { method: "POST", body: new FormData(form) }).catch(() => null);
    const text = answer?.ok && await answer.text();
    if (!text || number !== asked) return; // a slow answer is about what was typed before
    const made = new DOMParser().parseFromString(text, "text/html").getElementById("problems");
    if (made) problems.replaceChildren(...made.childNodes);
    mark();
  }
  function mark() {
    const rows = all("[data-line][data-field=body]", problems);
    body.code?.mark(rows.map((row) => ({ line: Number(row.dataset.line), severity: row.dataset.severity, message: row.dataset.message })));
  }
  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => { preview(); check(); }, 600); };
  form.addEventListener("input", (event) => { if (!event.target.closest("[data-not-saved]")) soon(); });
  form.addEventListener("change", (event) => { if (event.target.name !== "q") soon(); });
  form.addEventListener("preview", preview);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "preview-as") preview(); });
  button.addEventListener("click", (event) => { event.preventDefault(); preview(); check(); });
  document.addEventListener("codeready", mark);

  // ---- insert at the cursor of the field that was used last, or of the one whose button was pressed
  let last = body;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("#id_body, #id_text_body, #id_subject, #id_preview_text")) last = event.target;
    if (event.target.closest(".cm-editor")) last = body;
  });
  document.addEventListener("click", (event) => {
    const into = event.target.closest?.("[data-insert-into]")?.dataset.insertInto;
    if (into && !(into === "id_body" && last.id === "id_text_body")) last = document.getElementById(into);
    const code = event.target.closest?.("[data-insert]")?.dataset.insert;
    if (!code) return;
    document.getElementById("insert").hidePopover?.();
    if (last === body && body.code) { body.code.insert(code); return; }
    last.focus();
    last.setRangeText(code, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.getElementById("insert").addEventListener("toggle", (event) => {
    const box = event.target.querySelector("[data-filter]");
    if (event.newState !== "open") return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest?.("[data-filter]");
    if (!box) return;
    const wanted = box.value.toLowerCase();
    for (const row of all(`${box.dataset.filter} .codes li`)) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });

  // ---- subject and preview text: characters as read, a placeholder counts as a name of eight
  for (const line of all("[data-line-of]", form)) {
    const input = document.getElementById(line.dataset.lineOf), told = line.querySelector("[data-count]");
    const count = () => {
      const length = [...input.value.replace(/\{[^{}\s]+\}/g, "12345678")].length;
      told.textContent = length ? `${length} ${length > Number(told.dataset.most) ? told.dataset.long : told.dataset.fits}` : "";
    };
    input.addEventListener("input", count);
    count();
  }

  // ---- the text part from the HTML
  const make = form.querySelector("[data-make-text]");
  make.hidden = false;
  make.addEventListener("click", async () => {
    const text = document.getElementById("id_text_body");
    if (text.value.trim() && !confirm(make.dataset.sure)) return;
    const answer = await fetch(make.dataset.makeText, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok) return;
    text.value = await answer.text();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });

  // ---- a problem leads to its line, an error summary to the code editor
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href='#id_body']");
    if (!link) return;
    const line = Number(link.dataset.line ?? 0);
    event.preventDefault();
    if (body.code) { body.code.focus(line); return; }
    const start = body.value.split("\n").slice(0, Math.max(0, line - 1)).reduce((sum, text) => sum + text.length + 1, 0);
    body.focus();
    body.setSelectionRange(start, start + (body.value.slice(start).split("\n")[0] ?? "").length);
    body.scrollTop = (line - 4) * parseFloat(getComputedStyle(body).lineHeight);
  });

  if (body.value) { preview(); check(); }
})();
