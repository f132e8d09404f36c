"""Short ways to compile a body and to look at what came out, shared by the tests of this folder."""

from collections.abc import Mapping
from typing import Any

import nh3
from bs4 import BeautifulSoup

from campaigns.content.compile import Draft, Options, Problem, compile_content
from campaigns.content.content import Content, render
from campaigns.content.placeholders import Schema

SCHEMA = Schema(
    {
        "Contact": frozenset({"firstName", "lastName", "website", "account.name"}),
        "Account": frozenset({"name", "website"}),
    }
)
OUT = "https://herald.example/u/token"
EVENTS = frozenset(
    """onload onerror onclick onfocus onblur onmouseover ontoggle onstart onbegin onanimationstart onpointerover oninput
    onpageshow onscroll onwheel onresize onbeforetoggle""".split()  # noqa: SIM905
)
ACTIVE_TAGS = frozenset({"script", "iframe", "object", "embed", "form", "base", "svg", "math", "input", "button"})


def compiled(html: str = "", **changes: Any) -> tuple[Content, list[Problem]]:
    """Compile with quiet options: nothing is appended unless the test asks for it."""
    written = {name: changes.pop(name) for name in ("subject", "preview_text", "text") if name in changes}
    draft = Draft(html=html, **({"subject": "Hello"} | written))
    options: dict[str, Any] = {"schema": SCHEMA, "append_opt_out": False, "tracking_codes": frozenset({"abc"})}
    return compile_content(draft, Options(**(options | changes)))


def html_of(html: str, values: Mapping[str, str] | None = None, **changes: Any) -> str:
    content, _problems = compiled(html, **changes)
    return render(content.html or (), answering(values))


def text_of(html: str = "", values: Mapping[str, str] | None = None, **changes: Any) -> str:
    content, _problems = compiled(html, **changes)
    return render(content.text, answering(values))


def answering(values: Mapping[str, str] | None = None) -> Any:
    known = {
        "optOutUrl": OUT,
        "optOutLabel": "Unsubscribe",
        "trackingUrl:abc": "https://herald.example/t/abc",
        **(values or {}),
    }
    return lambda name: known.get(name, "")


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def hrefs(html: str) -> list[str]:
    return [str(link["href"]) for link in soup(html).find_all("a", href=True)]


def errors(html: str = "", **changes: Any) -> list[str]:
    return [str(problem) for problem in compiled(html, **changes)[1] if problem.is_error]


def warnings(html: str = "", **changes: Any) -> list[str]:
    return [str(problem) for problem in compiled(html, **changes)[1] if not problem.is_error]


def active_content(html: str) -> list[str]:
    """What a browser's parser (html5ever) would find in ``html`` that can run or load something."""
    found: list[str] = []

    def look(tag: str, name: str, value: str) -> str:
        plain = "".join(value.split()).lower()
        if name.startswith("on") or name in ("srcdoc", "formaction", "action", "ping"):
            found.append(f"{tag}[{name}]")
        elif name in ("href", "src", "background") and plain.startswith(("javascript:", "vbscript:", "data:text")):
            found.append(f"{tag}[{name}={value}]")
        return value

    tags = nh3.ALLOWED_TAGS | ACTIVE_TAGS | {"style", "head", "body", "html", "meta", "template", "noscript", "title"}
    attributes = {"*": EVENTS | {"href", "src", "srcdoc", "background", "formaction", "action", "ping", "style"}}
    out = nh3.clean(
        html,
        tags=tags,
        clean_content_tags=set(),
        attributes=attributes,
        attribute_filter=look,
        link_rel=None,
        url_schemes=nh3.ALLOWED_URL_SCHEMES | {"javascript", "vbscript", "data"},
    )
    return found + [tag for tag in sorted(ACTIVE_TAGS) if f"<{tag}" in out]
