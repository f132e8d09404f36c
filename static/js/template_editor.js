// The template editor: live preview and check while typing, inserting placeholders. Buttons do the same without it.
"use strict";

(() => {
  const form = document.getElementById("template"), body = document.getElementById("id_body");
  if (!form || !body) return;
  const button = form.querySelector("[data-preview]"), problems = document.getElementById("problems");
  const mail = form.querySelector("[data-mail]");

  // ---- preview: the same fields in a form of their own, so that the editor is never "sent"
  function preview() {
    const copy = Object.assign(document.createElement("form"), {
      method: "post", action: button.formAction, target: "preview", hidden: true,
    });
    const data = new FormData(form);
    if (!data.get("record")) data.set("worst", "1");
    if (mail?.dataset.part) data.set("part", mail.dataset.part);
    for (const [name, value] of data) {
      if (typeof value === "string") copy.append(Object.assign(document.createElement("textarea"), { name, value }));
    }
    document.body.append(copy);
    copy.submit();
    copy.remove();
  }
  async function check() {
    const answer = await fetch(problems.dataset.check, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer?.ok) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("problems");
    if (made) problems.replaceChildren(...made.childNodes);
  }
  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => { preview(); check(); }, 600); };
  form.addEventListener("input", (event) => {
    if (event.target.name === "record") event.stopPropagation(); // looking as somebody else changes nothing
    soon();
  });
  form.addEventListener("change", soon);
  form.addEventListener("preview", preview);
  button.addEventListener("click", (event) => { event.preventDefault(); preview(); check(); });

  // ---- insert at the cursor of the field that was used last
  let last = body;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("#id_body, #id_text_body, #id_subject")) last = event.target;
  });
  document.addEventListener("click", (event) => {
    const code = event.target.closest?.("[data-insert]")?.dataset.insert;
    if (!code) return;
    document.getElementById("insert").hidePopover?.();
    last.focus();
    last.setRangeText(code, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest?.("[data-filter]");
    if (!box) return;
    const wanted = box.value.toLowerCase();
    for (const row of document.querySelectorAll(`${box.dataset.filter} .codes li`)) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });

  // ---- a problem leads to its line
  document.addEventListener("click", (event) => {
    const line = Number(event.target.closest?.("[data-line]")?.dataset.line);
    if (!line) return;
    const start = body.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    event.preventDefault();
    body.focus();
    body.setSelectionRange(start, start + (body.value.slice(start).split("\n")[0] ?? "").length);
    body.scrollTop = (line - 4) * parseFloat(getComputedStyle(body).lineHeight);
  });

  if (body.value) preview();
})();
