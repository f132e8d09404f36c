"""What every page has to hold: no error in the console, nothing that the policy blocked, accessible, as wide as the
screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.stack import Stack

# What the walk over every page does not see, states that are worked towards: each width and each theme is among these.
LOOKS = [(1440, "light"), (390, "dark"), (320, "light")]


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
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> list[str]:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {width} wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []


def look_as(page: Page, stack: Stack, width: int, theme: str) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": stack.url}])
    page.set_viewport_size({"width": width, "height": 900})
