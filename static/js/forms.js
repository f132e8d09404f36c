// Fields that only one choice needs are shown with it, and a preview that is asked for comes into view. Without this
// script everything is shown.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-when]").forEach((part) => {
    const [name, wanted] = part.dataset.when.split("=");
    const choice = part.closest("form").elements[name];
    const show = () => { part.hidden = choice.value !== wanted; };
    choice.addEventListener("change", show);
    show();
  });
});

document.addEventListener("click", (event) => {
  const frame = event.target.closest?.("[formtarget]")?.formTarget;
  if (frame) document.querySelector(`iframe[name="${frame}"]`)?.scrollIntoView({ block: "nearest" });
});
