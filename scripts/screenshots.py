"""Pictures of every page: `make screenshots`. Wide and on a phone, light and dark, of a Herald of its own with data.

They land in test-results/screens/, which git ignores, to be looked at one by one beside the drawings. Names may follow:
`python -m scripts.screenshots home health` makes those whose name holds one of the words.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import APIResponse, Page, sync_playwright

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
TALLEST = 4000  # pixels
MARK = "PATHS"
TELL_PATHS = (
    "import json; from tests.e2e.pages import MORE, NAMES, path; "
    "from tests.e2e.world import in_full_swing, objects, recipients; "
    "known = objects(); pages = {name: path(name, known) for name in (*NAMES, *MORE)} | in_full_swing(); "
    f"print('{MARK}' + json.dumps([pages, recipients()]))"
)
SENDING_SECONDS = 70  # after the job ran: what the pictures show of sending is real, and beat has ticked once


def file_name(name: str) -> str:
    """campaigns:mass_email_detail → campaigns-mass_email_detail; of a path its words."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")


def shows(answer: APIResponse) -> bool:
    """Also the page of a broken link is one, whose answer is 404."""
    return answer.status < 500 and answer.headers.get("content-type", "").startswith("text/html")


def take(page: Page, stack: Stack, paths: dict[str, str], mark: str) -> int:
    """Every page in every look; how many pictures were made. `mark` tells a page from a fragment."""
    made = 0
    for look, (width, height, theme) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.context.add_cookies([{"name": "theme", "value": theme, "url": stack.url}])
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        for name, path in paths.items():
            if not shows(page.request.head(stack.url + path)):
                continue
            page.goto(stack.url + path)
            if page.locator(mark).count():
                whole(page, SCREENS / f"{file_name(name)}-{look}.png", width, height)
                made += 1
    return made


def whole(page: Page, picture: Path, width: int, height: int) -> None:
    """The whole page at once: what sticks to the edge of the screen stands at its end, what loads late is there."""
    tall: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(tall, TALLEST))})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)
    page.set_viewport_size({"width": width, "height": height})


def paths_of(stack: Stack, words: list[str]) -> list[dict[str, str]]:
    """Name → path of every page, and of those for strangers; or of those whose name holds one of the words. Something
    is being sent meanwhile."""
    told = stack.shell(f"{TELL_PATHS}; from campaigns.jobs import send_mass_emails; send_mass_emails()")
    found: list[dict[str, str]] = json.loads(told.partition(MARK)[2].splitlines()[0])
    time.sleep(SENDING_SECONDS)
    return [
        {name: path for name, path in paths.items() if not words or any(word in name for word in words)}
        for paths in found
    ]


def photograph(chromium: str, folder: Path) -> int:
    """Start a Herald with its data in `folder` and take all pictures; how many."""
    with running_stack(folder) as stack, sync_playwright() as playwright:
        pages, for_strangers = paths_of(stack, sys.argv[1:])
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        stranger = browser.new_page()
        if gone := for_strangers.get("recipient-opted-out"):
            stranger.request.post(stack.url + gone)
        made = take(stranger, stack, for_strangers, "main")
        page = browser.new_context(reduced_motion="reduce").new_page()
        sign_in(page, stack)
        made += take(page, stack, pages, "#side")
        browser.close()
    return made


def main() -> int:
    chromium = os.environ.get("HERALD_CHROMIUM") or find_chromium()
    if chromium is None:
        raise Missing("Chromium (apt-get install chromium)")
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="herald-screens-", ignore_cleanup_errors=True) as folder:
        made = photograph(chromium, Path(folder))
    sys.stdout.write(f"{made} pictures in {SCREENS.relative_to(ROOT)}/\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
