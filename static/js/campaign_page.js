// The page of a campaign: polite polling, tabs that follow the scrolling, forms in place. Everything works without it.
"use strict";

(() => {
  // ---- what comes again by itself does not ask while nobody looks, nor while a menu in it is open
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (!part.matches?.("[data-polite]")) return;
    if (document.hidden || part.querySelector("[popover]:popover-open")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => { // nor is taken away what is being pressed
    if (event.detail.target?.matches?.("[data-polite]:active")) event.detail.shouldSwap = false;
  });

  // ---- a number that filters the log takes the reader there
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.elt?.matches?.(".kpi")) document.getElementById("log")?.focus({ preventScroll: true });
  });

  // ---- a form in place: Escape leaves it
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.closest?.("form.in-place")?.querySelector("[data-cancel]")?.click();
  });

  // ---- tabs of the page: the one whose part is in view is current
  function spy(tabs) {
    const links = [...tabs.querySelectorAll("a[href^='#']")];
    const parts = links.map((link) => document.getElementById(link.hash.slice(1)));
    const mark = () => {
      const line = tabs.getBoundingClientRect().bottom + 48;
      const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4;
      const passed = parts.map((part) => part && part.getBoundingClientRect().top <= line).lastIndexOf(true);
      const at = atEnd && scrollY > 0 ? links.length - 1 : Math.max(0, passed);
      for (const [number, link] of links.entries()) {
        if (number === at) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      }
    };
    let asked = false;
    addEventListener("scroll", () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => { asked = false; mark(); });
    }, { passive: true });
  }
  document.addEventListener("DOMContentLoaded", () => { for (const tabs of document.querySelectorAll("[data-spy]")) spy(tabs); });
})();
