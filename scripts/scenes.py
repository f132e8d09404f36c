"""States of pages that only somebody at the mouse or the keyboard brings about: a menu open, rows selected, a dialog.

A scene is the name of a page (tests.e2e.world.in_full_swing) and what is done on it before the picture.
"""

from collections.abc import Callable

from playwright.sync_api import Page


def menu_of_a_mass_email(page: Page) -> None:
    button = page.locator("#mass .act [aria-haspopup=menu]").first
    button.scroll_into_view_if_needed()
    button.click()
    page.keyboard.press("ArrowDown")


def all_results_selected(page: Page) -> None:
    """Ticked by the keyboard, so that it works on a phone too, where no box ticks a whole page."""
    page.locator("tbody input[name=selected]").first.check()
    page.locator("input[name=scope]").check()


def placeholders_offered(page: Page) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("{Person.")
    page.locator(".cm-tooltip-autocomplete").wait_for()


def palette_with_hits(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("dialog#palette input").fill("launch")
    page.locator("#palette a", has_text="Autumn product launch").first.wait_for()


def schedule_asked(page: Page) -> None:
    page.locator("#mass-email button[value=schedule]").first.click()
    page.locator("dialog[open] .props").wait_for()


SCENES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "scene-menu": ("busy-campaign", menu_of_a_mass_email),
    "scene-selection": ("busy-list", all_results_selected),
    "scene-placeholders": ("busy-template", placeholders_offered),
    "scene-palette": ("busy-campaign", palette_with_hits),
    "scene-schedule": ("busy-draft", schedule_asked),
}
