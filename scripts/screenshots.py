"""Pictures of every page: `make screenshots`. Wide, on a phone and dark, of a Herald of its own with data in it.

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

from playwright.sync_api import Page, sync_playwright

from scripts.servers import Missing, find_chromium
from tests.e2e.conftest import is_shown, sign_in
from tests.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parent.parent
SCREENS = ROOT / "test-results" / "screens"
LOOKS = {"1440": (1440, 900, "light"), "390": (390, 844, "light"), "dark": (1440, 900, "dark")}
TALLEST = 4000  # pixels
MARK = "PATHS"
TELL_PATHS = (
    "import json; from tests.e2e.pages import MORE, NAMES, path; from tests.e2e.world import objects; "
    "known = objects(); "
    f"print('{MARK}' + json.dumps({{name: path(name, known) for name in (*NAMES, *MORE)}}))"
)
SENDING_SECONDS = 10  # after the job ran: what the pictures show of sending is real


def file_name(name: str) -> str:
    """campaigns:mass_email_detail → campaigns-mass_email_detail; of a path its words."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")


def take(page: Page, stack: Stack, paths: dict[str, str]) -> int:
    """Every page in every look; how many pictures were made."""
    made = 0
    for look, (width, height, theme) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.context.add_cookies([{"name": "theme", "value": theme, "url": stack.url}])
        for name, path in paths.items():
            if not is_shown(page.request.head(stack.url + path)):
                continue
            page.goto(stack.url + path)
            if page.locator("#side").count():
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


def paths_of(stack: Stack, words: list[str]) -> dict[str, str]:
    """Name → path of every page, or of those whose name holds one of the words; something is being sent meanwhile."""
    told = stack.shell(f"{TELL_PATHS}; from campaigns.jobs import send_mass_emails; send_mass_emails()")
    found: dict[str, str] = json.loads(told.partition(MARK)[2].splitlines()[0])
    time.sleep(SENDING_SECONDS)
    return {name: path for name, path in found.items() if not words or any(word in name for word in words)}


def photograph(chromium: str, folder: Path) -> int:
    """Start a Herald with its data in `folder` and take all pictures; how many."""
    with running_stack(folder) as stack, sync_playwright() as playwright:
        paths = paths_of(stack, sys.argv[1:])
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        page = browser.new_context(reduced_motion="reduce").new_page()
        sign_in(page, stack)
        made = take(page, stack, paths)
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
