"""What every page has to hold: no error in the console, nothing that the policy blocked, accessible, as wide as the
screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page


def watch(page: Page) -> list[str]:
    """Errors of the console from now on, which include what the content security policy blocked."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def violations(page: Page) -> list[str]:
    page.wait_for_load_state()  # without its styles a page looks otherwise
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> list[str]:
    page.wait_for_load_state()
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {width} wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
