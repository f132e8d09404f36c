"""What a mouse can do on a page: it hits what it points at, opens whatever can be opened, closes it again, and follows
what sorts, filters and turns the page.

Every opener of the page is tried (of a row of equal ones the first and the last, which differ in where they stand);
what the shell repeats on every page is tried once a width, and so is axe inside of what was opened, in both themes.
"""

from dataclasses import dataclass, field
from typing import TypedDict

from playwright.sync_api import Locator, expect

from tests.e2e.looking import Looking
from tests.stack import Stack

# Whatever can be clicked is what the mouse meets at its middle: nothing lies above it, neither a bar nor the dock. A
# hidden box of a styled control is met by its label. What moves into view is given its place back.
COVERED = """() => {
  const closed = '[inert], [popover]:not(:popover-open), dialog:not([open]), .skip, .cm-editor, .sr';
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, label';
  const bad = [], x = scrollX, y = scrollY;
  for (const one of document.querySelectorAll(controls)) {
    const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!shown || one.disabled || one.closest(closed)) continue;
    one.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const box = one.getClientRects()[0];
    if (!box || box.width < 2 || box.height < 2) continue;
    const met = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const related = [one, ...(one.labels ?? []), one.closest('label'), one.control];
    if (related.some((part) => part?.contains(met))) continue;
    bad.push(`${one.outerHTML.slice(0, 110)} is under ${met?.outerHTML.slice(0, 80)}`);
  }
  scrollTo(x, y);
  return bad;
}"""
# Every visible opener gets a number to be found by. Of what is equal but for numbers, the first and the last are told.
OPENERS = """() => {
  const kinds = {
    menu: 'button[popovertarget]', details: 'summary', dialog: '[data-dialog]', asks: 'a.danger, a[data-ask]',
    chart: 'main canvas', pressed: 'main :is([data-devices], [data-chart-card]) button[aria-pressed=false]',
    copy: 'main [data-copy]', ticks: 'main [data-list] tbody input[name=selected]',
  };
  for (const one of document.querySelectorAll('[data-mouse]')) delete one.dataset.mouse;
  const found = new Map();
  for (const [kind, selector] of Object.entries(kinds)) {
    for (const one of document.querySelectorAll(selector)) {
      if (one.closest('[popover], dialog') || !one.checkVisibility({ visibilityProperty: true })) continue;
      const target = one.getAttribute('popovertarget') ?? one.dataset.dialog ?? '';
      const shape = [kind, target, one.className, one.parentElement.className].join(' ').replaceAll(/\\d+/g, '');
      found.set(shape, [...(found.get(shape) ?? []), { one, kind, shape, target, shell: !one.closest('main') }]);
    }
  }
  const ends = [...found.values()].flatMap((same) => same.length > 1 ? [same[0], same.at(-1)] : same);
  for (const [number, { one }] of ends.entries()) one.dataset.mouse = number;
  return ends.map(({ kind, shape, target, shell }) => ({ kind, shape, target, shell }));
}"""
# Of something opened: how far it reaches out of the window, and whether what is in it is wider than it may be.
REACHES_OUT = """(one) => {
  const box = one.getBoundingClientRect(), out = [];
  if (box.left < -1 || box.right > innerWidth + 1) out.push(`${box.left} to ${box.right} of ${innerWidth} px wide`);
  if (getComputedStyle(one).position === 'fixed' && (box.top < -1 || box.bottom > innerHeight + 1)) {
    out.push(`${box.top} to ${box.bottom} of ${innerHeight} px high`);
  }
  if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible') {
    out.push(`${one.scrollWidth} px in ${one.clientWidth} px`);
  }
  return out.map((said) => `${one.id || one.className || one.outerHTML.slice(0, 80)} opened: ${said}`);
}"""
# A place where a click means nothing but “elsewhere”.
ELSEWHERE = """() => {
  const open = document.querySelector('dialog[open], :popover-open, details[open]')?.getBoundingClientRect();
  const free = (x, y) => {
    if (open && x > open.left - 4 && x < open.right + 4 && y > open.top - 4 && y < open.bottom + 4) return false;
    const nothing = 'html, body, .app, main, .page-head, .meta, .card, .body, dialog, p, h1';
    const met = document.elementFromPoint(x, y);
    return met?.matches(nothing) && !met.closest('a, button, label, summary');
  };
  for (let y = 4; y < innerHeight; y += 9) {
    for (let x = 4; x < innerWidth; x += 9) if (free(x, y)) return [x, y];
  }
  return null;
}"""
# The part of the page that a link stands in: its list, or the label of its tabs.
PLACE = """(one) => {
  return `${one.closest('[aria-label]')?.ariaLabel} ${one.closest('[id]')?.id.replaceAll(/\\d+/g, '')}`;
}"""
# What has an end has come to it.
CALM = """() => {
  const lasting = (each) => each.effect.getComputedTiming().endTime === Infinity;
  for (const each of document.getAnimations()) if (!lasting(each)) each.finish();
}"""
# What goes on to another state of the page, or to another page: one of each kind.
LEADS_ON = {
    "sort": "main a.sort[href*='?']",
    "chip": "main .chips a.chip[href*='?']:not([aria-current])",
    "tab": "main .tabs a:not([aria-current])",
    "page": "main .pager a",
}


class Opener(TypedDict):
    kind: str
    shape: str
    target: str
    shell: bool


@dataclass
class Mouse:
    """A hand on the mouse of a walk: it remembers what it has tried, by width."""

    seen: Looking
    tried: set[tuple[int, str]] = field(default_factory=set)
    closings: int = 0

    def meets_everything(self) -> None:
        """What takes no press in its first moment is past it."""
        self.seen.page.evaluate(CALM)
        self.seen.note(self.seen.page.evaluate(COVERED))

    def opens_and_closes(self) -> None:
        """Everything that opens on the page as it is."""
        self.seen.settled()
        openers: list[Opener] = self.seen.page.evaluate(OPENERS)
        for number, opener in enumerate(openers):
            if opener["shell"] and not self._is_new(opener["shape"]):
                continue
            button = self.seen.page.locator(f"[data-mouse='{number}']")
            if button.count():  # a part that comes again by itself may have come again
                getattr(self, f"_{opener['kind']}")(button, opener)
        self._rests()

    def leads_on(self) -> None:
        """Follow one link of each kind, to another page or another state; once for every place of such links."""
        page = self.seen.page
        for kind, selector in LEADS_ON.items():
            links = page.locator(selector).filter(visible=True)
            if links.count() and self._is_new(f"{kind} {links.first.evaluate(PLACE)}"):
                before, link = page.url, links.first
                same = page.locator(selector).and_(page.locator(f'[href="{link.get_attribute("href")}"]'))
                link.click()
                # Another address; what is shown within a page keeps the address, and what leads to it becomes current.
                Stack.wait_for(lambda before=before, same=same: page.url != before or not same.count())  # type: ignore[misc]
                self.seen.settled()
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                self.seen.fits()

    # -- the kinds of what opens

    def _menu(self, button: Locator, opener: Opener) -> None:
        menu = self.seen.page.locator(f"[id='{opener['target']}']")
        button.click()
        expect(menu).to_be_visible()
        self._look_into(menu, opener)
        if self._is_new(f"inside {opener['shape']}"):
            menu.locator("a:visible, button:visible").last.hover()
            if (asks := menu.locator("a.danger, [data-ask], [data-dialog]")).count():
                asks.last.click()
                self._dialog_is_open(opener)
                expect(menu).to_be_hidden()
                return
        self._close()
        expect(menu).to_be_hidden()

    def _details(self, summary: Locator, opener: Opener) -> None:
        details = summary.locator("xpath=..")
        was_open = details.get_attribute("open") is not None
        for is_open in (not was_open, was_open):
            summary.click()
            expect(details).to_have_js_property("open", is_open)
            if is_open:
                self._look_into(details, opener)
        if "columns" in (details.get_attribute("class") or ""):  # it closes like a menu
            summary.click()
            self._close()
            expect(details).to_have_js_property("open", False)

    def _dialog(self, button: Locator, opener: Opener) -> None:
        button.click()
        self._dialog_is_open(opener)

    _asks = _dialog

    def _dialog_is_open(self, opener: Opener) -> None:
        dialog = self.seen.page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        self._look_into(dialog, {**opener, "shape": f"dialog {opener['shape']}"})
        self._close()
        expect(dialog).to_have_count(0)

    def _pressed(self, button: Locator, _opener: Opener) -> None:
        """One of a group stays pressed; what stands alone is pressed twice, and the page is as it was."""
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        if not button.locator("xpath=ancestor::*[@data-devices]").count():
            button.click()
            expect(button).to_have_attribute("aria-pressed", "false")

    def _copy(self, button: Locator, _opener: Opener) -> None:
        button.click()
        toast = self.seen.page.locator("[data-toasts=status] .toast")
        expect(toast).to_be_visible()
        toast.locator("[data-dismiss]").evaluate_all(
            "(all) => all.forEach((one) => one.click())"
        )  # it may just have gone
        expect(toast).to_have_count(0)

    def _chart(self, canvas: Locator, _opener: Opener) -> None:
        """Its own words are drawn; that nothing breaks is what can be seen."""
        canvas.hover()

    def _ticks(self, box: Locator, _opener: Opener) -> None:
        bar = self.seen.page.locator("[data-list] .bulk").first
        box.check()
        expect(bar).to_be_visible()
        self.seen.fits()
        bar.locator("[data-untick]").click()
        expect(box).not_to_be_checked()
        expect(bar).to_be_hidden()

    # -- what is the same for all

    def _look_into(self, opened: Locator, opener: Opener) -> None:
        """In the window, nothing wider than the screen; once for every kind, accessible in both themes."""
        self.seen.note(opened.evaluate(REACHES_OUT))
        self.seen.fits()
        if not self._is_new(f"axe {opener['shape']}"):
            return
        mark = "data-mouse-opened"
        opened.evaluate("(one, mark) => one.setAttribute(mark, '')", mark)
        self.seen.accessible(f"[{mark}]")
        theme = self.seen.page.evaluate("document.documentElement.dataset.theme")
        self.seen.theme("light" if theme == "dark" else "dark")
        self.seen.colours_are_accessible(f"[{mark}]")
        self.seen.theme(theme)
        opened.evaluate("(one, mark) => one.removeAttribute(mark)", mark)

    def _close(self) -> None:
        """By Escape and by a click elsewhere in turn."""
        self.closings += 1
        place = self.seen.page.evaluate(ELSEWHERE) if self.closings % 2 else None
        if place:
            self.seen.page.mouse.click(*place)
        else:
            self.seen.page.keyboard.press("Escape")

    def _is_new(self, what: str) -> bool:
        """The first time at this width."""
        width = (self.seen.page.viewport_size or {"width": 0})["width"]
        if (width, what) in self.tried:
            return False
        self.tried.add((width, what))
        return True

    def _rests(self) -> None:
        """Away from everything, so that nothing looks hovered."""
        self.seen.page.mouse.move(0, 0)
