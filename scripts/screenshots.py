"""Pictures of every page: `make screenshots`. Wide and on a phone, light and dark, of a Herald of its own with data.

They land in test-results/screens/, which git ignores, to be looked at one by one beside the drawings; its index.html
shows the looks of every page side by side. Names may follow: `python -m scripts.screenshots home health` makes those
whose name holds one of the words anew.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, sync_playwright

from scripts.scenes import SCENES
from scripts.servers import Missing, find_chromium
from tests.e2e.conftest import sign_in
from tests.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parent.parent
SCREENS = ROOT / "test-results" / "screens"
LOOKS = {
    "1440": (1440, 900, "light"),
    "390": (390, 844, "light"),
    "dark": (1440, 900, "dark"),
    "390-dark": (390, 844, "dark"),
}
TALLEST = 9000  # pixels
PATIENCE = 120_000  # milliseconds that a page may take
FRESH = {"first-home": "/", "first-campaigns": "/campaigns/", "first-target-list": "/target-lists/new/"}
MARK = "PATHS"
TELL_PATHS = (
    "import json; from tests.e2e.pages import MORE, NAMES, path; "
    "from tests.e2e.world import in_full_swing, objects, recipients; "
    "known = objects(); pages = {name: path(name, known) for name in (*NAMES, *MORE)} | in_full_swing(); "
    f"print('{MARK}' + json.dumps([pages, recipients()]))"
)
SHEET_STYLE = "body{font:14px sans-serif;background:#ddd} div{display:flex;gap:8px} a{min-width:0} img{max-width:100%}"
SENDING_SECONDS = 70  # after the job ran: what the pictures show of sending is real, and beat has ticked once


def file_name(name: str) -> str:
    """campaigns:mass_email_detail → campaigns-mass_email_detail; of a path its words."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")


def shows(answer: APIResponse) -> bool:
    """Also the page of a broken link is one, whose answer is 404; what only takes a POST is none."""
    is_page = answer.status < 500 and answer.status != 405
    return is_page and answer.headers.get("content-type", "").startswith("text/html")


def dress(page: Page, url: str, look: str) -> None:
    """The width and the theme of a look."""
    width, height, theme = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": url}])
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")


def take(page: Page, stack: Stack, paths: dict[str, str], mark: str) -> int:
    """Every page in every look; how many pictures were made. `mark` tells a page from a fragment."""
    made = 0
    for look, (width, height, _theme) in LOOKS.items():
        dress(page, stack.url, look)
        for name, path in paths.items():
            if not shows(page.request.head(stack.url + path, timeout=PATIENCE)):
                continue
            page.goto(stack.url + path)
            if page.locator(mark).count():
                whole(page, SCREENS / f"{file_name(name)}-{look}.png", width, height)
                made += 1
    return made


def act_out(context: BrowserContext, stack: Stack, name: str, path: str, act: Callable[[Page], None]) -> int:
    """A scene in every look. Each on a page of its own: what was typed there is asked about when one leaves."""
    for look in LOOKS:
        page = context.new_page()
        dress(page, stack.url, look)
        page.goto(stack.url + path)
        page.wait_for_load_state("networkidle")
        act(page)
        page.screenshot(path=SCREENS / f"{name}-{look}.png")
        page.close()
    return len(LOOKS)


def whole(page: Page, picture: Path, width: int, height: int) -> None:
    """The whole page at once: what sticks to the edge of the screen stands at its end, what loads late is there."""
    tall: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(tall, TALLEST))})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)
    page.set_viewport_size({"width": width, "height": height})


def paths_of(stack: Stack) -> list[dict[str, str]]:
    """Name → path of every page, and of those for strangers. Something is being sent meanwhile."""
    told = stack.shell(f"{TELL_PATHS}; from campaigns.jobs import send_mass_emails; send_mass_emails()")
    found: list[dict[str, str]] = json.loads(told.partition(MARK)[2].splitlines()[0])
    time.sleep(SENDING_SECONDS)
    return found


def of_strangers(browser: Browser, stack: Stack, paths: dict[str, str], words: list[str]) -> int:
    """The pages that recipients see, who are not signed in."""
    stranger = browser.new_page()
    stranger.set_default_timeout(PATIENCE)
    stranger.request.post(stack.url + paths["recipient-opted-out"], timeout=PATIENCE)
    return take(stranger, stack, wanted(paths, words), "main")


def wanted(paths: dict[str, str], words: list[str]) -> dict[str, str]:
    return {name: path for name, path in paths.items() if not words or any(word in name for word in words)}


def photograph(browser: Browser, stack: Stack, words: list[str]) -> int:
    """All pictures; how many. The first ones show a Herald with nothing but its demo data."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, stack)
    made = take(page, stack, wanted(FRESH, words), "#side")
    pages, for_strangers = paths_of(stack)
    made += of_strangers(browser, stack, for_strangers, words)
    made += take(page, stack, wanted(pages, words), "#side")
    for name in wanted(dict.fromkeys(SCENES, ""), words):
        made += act_out(context, stack, name, pages[SCENES[name][0]], SCENES[name][1])
    return made


def sheet() -> str:
    """A page with the looks of every picture side by side."""
    ends = "|".join(sorted(LOOKS, key=len, reverse=True))
    names = sorted({re.sub(rf"-({ends})$", "", picture.stem) for picture in SCREENS.glob("*.png")})
    links = " · ".join(f'<a href="#{name}">{name}</a>' for name in names)
    rows = "".join(f'<h2 id="{name}">{name}</h2><div>{"".join(map(_shown, _looks_of(name)))}</div>' for name in names)
    return f"<!doctype html><meta charset=utf-8><title>Pictures</title><style>{SHEET_STYLE}</style><p>{links}</p>{rows}"


def _looks_of(name: str) -> list[str]:
    files = [f"{name}-{look}.png" for look in LOOKS]
    return [file for file in files if (SCREENS / file).exists()]


def _shown(file: str) -> str:
    return f'<a href="{file}"><img loading="lazy" src="{file}" alt="{file}"></a>'


def main() -> int:
    chromium = os.environ.get("HERALD_CHROMIUM") or find_chromium()
    if chromium is None:
        raise Missing("Chromium (apt-get install chromium)")
    words = sys.argv[1:]
    if not words:
        shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True, exist_ok=True)
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with (
        tempfile.TemporaryDirectory(prefix="herald-screens-", ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        made = photograph(browser, stack, words)
        browser.close()
    (SCREENS / "index.html").write_text(sheet(), encoding="utf-8")
    sys.stdout.write(f"{made} pictures in {SCREENS.relative_to(ROOT)}/, side by side in its index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
