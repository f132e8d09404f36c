// The email account's form: choosing a security suggests its usual port, unless somebody typed one of their own.
document.addEventListener("DOMContentLoaded", () => {
  const section = document.querySelector("[data-ports]");
  if (!section) return;
  const ports = new Map(section.dataset.ports.trim().split(" ").map((pair) => pair.split(":")));
  const security = section.querySelector("[name=smtp_security], [name=security]");
  const port = section.querySelector("[name=smtp_port], [name=port]");
  security.addEventListener("change", () => {
    if (!port.value || [...ports.values()].includes(port.value)) port.value = ports.get(security.value);
  });
});

// Of the ways in which mail leaves or is read, only the chosen one is shown. Without this script all are; the kind decides.
document.addEventListener("DOMContentLoaded", () => {
  const kind = document.querySelector("#account [name=kind], #mailbox [name=kind]");
  if (!kind) return;
  const show = () => document.querySelectorAll("[data-kind]").forEach((part) => { part.hidden = part.dataset.kind !== kind.value; });
  kind.addEventListener("change", show);
  show();
});
