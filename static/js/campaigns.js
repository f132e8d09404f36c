// Campaign pages: the email preview, lists as tokens, fields that belong to a choice. Everything works without it.
"use strict";

(() => {
  const words = document.currentScript.dataset; // texts come translated from the server
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- the email preview: scaled to its panel, as desktop or phone, or as text
  const widths = { desktop: 640, mobile: 390 };
  const sizes = new ResizeObserver((entries) => { for (const entry of entries) fit(entry.target); });
  function fit(mail) {
    const frame = mail.querySelector("iframe"), width = widths[mail.dataset.device] ?? widths.desktop;
    const scale = Math.min(1, mail.clientWidth / width);
    frame.style.width = `${width}px`;
    frame.style.transform = `scale(${scale})`;
    frame.style.marginLeft = `${Math.max(0, (mail.clientWidth - width * scale) / 2)}px`;
    if (mail.parentElement.matches(".panes")) frame.style.height = `${mail.clientHeight / scale}px`; // as tall as the code beside it
    else mail.style.height = `${frame.offsetHeight * scale}px`;
  }
  const narrow = 480; // pixels: in less the letters of a desktop mail are too small to read, so the phone's width comes first
  function begin(mail) {
    const phone = mail.closest(".card")?.querySelector("[data-devices] [data-device=mobile]");
    if (phone && mail.clientWidth && mail.clientWidth < narrow) press(phone, mail);
    sizes.observe(mail);
    fit(mail);
  }
  function press(button, mail) {
    for (const other of all("button", button.parentElement)) other.setAttribute("aria-pressed", String(other === button));
    mail.dataset.device = button.dataset.device ?? (mail.clientWidth < narrow ? "mobile" : "desktop");
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-devices] button");
    const mail = button?.closest(".card")?.querySelector("[data-mail]");
    if (!mail) return;
    press(button, mail);
    showPart(mail, button.dataset.part ?? "");
    fit(mail);
  });
  function showPart(mail, part) {
    const frame = mail.querySelector("iframe"), form = mail.closest("form");
    if (frame.name && form) { // the editor: the form is posted into the frame
      mail.dataset.part = part;
      form.dispatchEvent(new Event("preview"));
    } else if (frame.dataset.src) {
      const url = new URL(frame.dataset.src, location.href);
      if (part) url.searchParams.set("part", part);
      if (frame.src !== url.href) frame.src = url.href;
    }
  }

  // ---- fields that only one choice needs
  function shown(form) {
    for (const part of all("[data-shown-for]", form)) {
      const chosen = all("input[type=radio]:checked", form).map((input) => input.value);
      part.hidden = !chosen.includes(part.dataset.shownFor);
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[type=radio]") && event.target.form) shown(event.target.form);
  });

  // ---- a list of choices as tokens; the real <select multiple> stays and is what is sent
  function tokens(select) {
    if (select.dataset.tokens !== undefined) return;
    select.dataset.tokens = "";
    select.hidden = true;
    const box = Object.assign(document.createElement("div"), { className: "input tokens" });
    const add = Object.assign(document.createElement("select"), { className: "add" });
    const label = document.querySelector(`label[for="${select.id}"]`);
    add.setAttribute("aria-label", label?.textContent.trim() ?? "");
    add.id = `${select.id}_add`;
    if (label) label.htmlFor = add.id;
    const draw = () => {
      box.replaceChildren();
      add.replaceChildren(new Option(words.add, ""));
      for (const option of select.options) {
        if (option.selected) box.append(token(option)); else add.append(new Option(option.textContent, option.value));
      }
      box.append(add);
    };
    const token = (option) => {
      const made = Object.assign(document.createElement("span"), { className: "tok", textContent: option.textContent });
      made.dataset.value = option.value;
      const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      remove.setAttribute("aria-label", `${words.remove} ${option.textContent}`);
      remove.addEventListener("click", () => choose(option, false));
      made.append(remove);
      return made;
    };
    const choose = (option, on) => {
      option.selected = on;
      draw();
      select.dispatchEvent(new Event("change", { bubbles: true }));
      add.focus();
    };
    add.addEventListener("change", (event) => {
      event.stopPropagation();
      const option = all("option", select).find((one) => one.value === add.value);
      if (option && add.value) choose(option, true);
    });
    select.after(box);
    draw();
  }

  function ready(root) {
    for (const mail of all("[data-mail]", root)) begin(mail);
    for (const select of all("select[multiple]", root)) tokens(select);
    for (const form of all("form:has([data-shown-for])", root)) shown(form);
  }
  document.addEventListener("DOMContentLoaded", () => ready(document));
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
})();
