"""What the browser tests look for on any page: accessibility, overflow, errors, reports of the policy, longer words."""

from collections.abc import Callable
from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import ConsoleMessage, Page, expect

AXE = AXE_FILE_PATH.read_text()
# Frames are left out: mails are shown in sandboxed ones, which answer no messages.
RULES = "resultTypes: ['violations'], iframes: false, preload: false"
# The other theme of the same page at the same width has other colours and nothing else: the rules that look at those.
OF_COLOUR = "runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}"
# What comes behind the page, and what a click has asked for, is there.
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
# What the policy blocks, heard by the page itself: the console does not tell everything.
LISTEN = (
    "window.blocked = []; addEventListener('securitypolicyviolation', (event) => blocked.push(event.violatedDirective))"
)
# What comes again by itself every few seconds would take away what is just being looked at, or pressed.
STILL = """addEventListener('htmx:beforeRequest', (event) => {
  if (event.target.getAttribute?.('hx-trigger')?.startsWith('every')) event.preventDefault();
}, true)"""
# Other languages say the same with up to 40 % more letters: every word grows by two fifths of itself.
STRETCH = """() => {
  const skip = 'script, style, code, pre, textarea, option, time, svg, iframe, .copy, .avatar';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(skip)) texts.push(walker.currentNode);
  for (const text of texts) {
    text.data = text.data.replace(/\\p{L}{2,}/gu, (word) => word + word.slice(-Math.ceil(word.length * 0.4)));
  }
}"""
# Charts and mails are drawn anew in the frames that follow another width.
TOO_WIDE = """async () => {
  const isWide = () => document.documentElement.scrollWidth > innerWidth;
  for (let frame = 0; frame < 3 && isWide(); frame += 1) await new Promise(requestAnimationFrame);
  if (!isWide()) return '';
  const out = [...document.querySelectorAll('main *, .top *, .dock *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > innerWidth + 1 && box.width > 0 && !one.closest('.scroll, .tabs, [popover]');
  });
  const told = out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(' | ');
  return `${document.documentElement.scrollWidth} px: ${told}`;
}"""

# Everything that a mouse can work must be reached by Tab, and where the focus is must be seen: the element, what stands
# around it or its label looks different with the focus on it. Whatever is not a control and yet asks to be clicked is
# told too. After a Tab key, focus() shows itself as the keyboard's does.
KEYBOARD = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  const closed = '[inert], [popover]:not(:popover-open), dialog:not([open]), [aria-hidden=true], .cm-editor';
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const usable = [...document.querySelectorAll(controls)]
    .filter((one) => !one.disabled && shown(one) && !one.closest(closed));
  const around = (one) => {
    const parent = one.parentElement;
    return [one, parent, parent?.parentElement, ...(one.labels ?? []), one.nextElementSibling];
  };
  const looks = (one) => around(one).map((part) => {
    if (!part) return '';
    const style = getComputedStyle(part);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor].join();
  }).join('|');
  const told = (one) => `${one.outerHTML.slice(0, 110)}`;
  const before = document.activeElement, bad = [];
  for (const one of usable) {
    if (one.tabIndex < 0 && !one.matches('.add, [role=option]')) bad.push(`no Tab leads to ${told(one)}`);
    if (one.tabIndex > 0) bad.push(`its own order has ${told(one)}`);
    document.activeElement?.blur();
    const plain = looks(one);
    one.focus({ preventScroll: true });
    if (document.activeElement !== one) bad.push(`no focus on ${told(one)}`);
    else if (looks(one) === plain) bad.push(`the focus is not seen on ${told(one)}`);
  }
  const reached = `${controls}, label, [role=option], .tok, :disabled, .cm-editor`;
  for (const one of document.querySelectorAll('main *')) {
    if (getComputedStyle(one).cursor !== 'pointer' || !shown(one)) continue;
    if (!one.closest(reached)) bad.push(`only a mouse works ${told(one)}`);
  }
  document.activeElement?.blur();
  before?.focus?.({ preventScroll: true });
  return bad;
}"""


@dataclass
class Looking:
    """One page object of the browser and everything that was wrong on it."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(f"{LISTEN}; {STILL}")
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.page.url}: {error}"))

    def afresh(self) -> None:
        """Before the next page."""
        self.problems.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{self.page.url}: {message.text}")

    def note(self, found: list[str]) -> None:
        self.problems += [f"{self.page.url} {self._look()}: {one}" for one in found]

    def _look(self) -> str:
        width = (self.page.viewport_size or {"width": 0})["width"]
        return f"{width} px {self.page.locator('html').get_attribute('data-theme')}"

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        expect(self.page.locator("html")).to_have_js_property("clientWidth", width)

    def theme(self, name: str) -> None:
        """Both themes come from the same sheet, so no other page is needed for the second."""
        self.page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", name)

    def settled(self) -> None:
        """The page with its styles and scripts is there, and so is what it asked for."""
        self.page.wait_for_load_state()
        expect(self.page.locator(UNSETTLED)).to_have_count(0)

    def accessible(self, part: str = "") -> None:
        """Every rule, on the whole page or on the part that a selector names."""
        self._axe(part, RULES)

    def colours_are_accessible(self, part: str = "") -> None:
        """After theme(), which changes colours only."""
        self._axe(part, f"{RULES}, {OF_COLOUR}")

    def _axe(self, part: str, options: str) -> None:
        self.settled()
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE)
        run = f"async (part) => (await axe.run(part || document, {{{options}}})).violations"
        found = self.page.evaluate(run, part)
        self.note([f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found])

    def in_every_look(self, at_each_width: Callable[[], None] = lambda: None) -> None:
        """Wide and narrow, light and dark, without loading the page again: axe takes every rule at each width, and in
        the second theme of a width, where colours are all that is different, the rules about colours."""
        for width, first, second in ((1440, "light", "dark"), (390, "dark", "light")):
            self.resize(width)
            self.theme(first)
            self.accessible()
            self.fits()
            at_each_width()
            self.theme(second)
            self.colours_are_accessible()

    def with_longer_words(self) -> None:
        """Down to the narrowest screen; it stays like that."""
        self.stretch()
        for width in (1440, 800, 390, 320):
            self.resize(width)
            self.fits()

    def fits(self) -> None:
        if wide := self.page.evaluate(TOO_WIDE):
            self.note([f"too wide: {wide}"])

    def works_by_keyboard(self) -> None:
        """The first Tab is the way past the menus, unless the page begins in a field; every control is reached, and
        seen to be."""
        self.page.evaluate("() => new Promise(requestAnimationFrame)")  # a field gets the focus with the first frame
        anew = "document.activeElement === document.body && !!document.querySelector('.skip')"
        begins_anew = self.page.evaluate(anew)
        self.page.keyboard.press("Tab")
        if begins_anew and not self.page.evaluate("document.activeElement.matches('.skip')"):
            start = self.page.evaluate("document.activeElement.outerHTML.slice(0, 110)")
            self.note([f"the first Tab leads to {start}"])
        self.note(self.page.evaluate(KEYBOARD))

    def stretch(self) -> None:
        self.page.evaluate(STRETCH)

    def kept_to_the_policy(self) -> None:
        self.note([f"the policy blocked {one}" for one in self.page.evaluate("window.blocked ?? []")])
