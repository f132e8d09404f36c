"""CSS of a body: dangerous things out, rules that can be inlined apart from those that must stay in ``<style>``.

An own small reader, because cssutils drops what it does not know: ``@font-face``, newer media queries, client hacks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_NESTING = 4

_STRING = r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
_COMMENT = re.compile(rf"({_STRING})|/\*.*?(?:\*/|\Z)", re.DOTALL)
_RULE_MARK = re.compile(rf"{_STRING}|[{{}};]", re.DOTALL)
_DECLARATION_MARK = re.compile(rf"{_STRING}|[();]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_IGNORED = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\ufeff]")
_UNSAFE_VALUE = re.compile(
    r"expression\(|javascript:|vbscript:|@import|data:(?!image/(?:png|gif|jpe?g|webp|svg)|font/|application/(?:x-)?font)"
)
_UNSAFE_PROPERTIES = frozenset({"behavior", "-moz-binding", "-ms-behavior"})
_IMPORTANT = re.compile(r"!\s*important\s*$", re.IGNORECASE)
#: Selectors premailer inlines well: tags, classes, ids, descendants and children, lists of them.
_PLAIN_SELECTOR = re.compile(r"[\w\-.#]+(?:(?:\s*>\s*|\s+)[\w\-.#]+){0,7}")
_NESTING = re.compile(r"@(?:media|supports|container|layer)\b", re.IGNORECASE)
_VERBATIM = re.compile(r"@(?:font-face|page|viewport|-ms-viewport|(?:-\w+-)?keyframes)\b", re.IGNORECASE)
# A "<" that could begin a tag; the one of a media range has a blank behind it.
_ENDS_STYLE = re.compile(r"<(?=[/!?a-zA-Z])|-->|--!>")
_OLD_BRACKETS = re.compile(r"<!--|-->")


@dataclass(frozen=True, slots=True)
class Rule:
    """``prelude`` is a selector list or an at-rule's head; ``body`` is what stands between the braces."""

    prelude: str
    body: str


def without_comments(css: str) -> str:
    return _OLD_BRACKETS.sub(" ", _COMMENT.sub(lambda match: match[1] or " ", css))


def rules(css: str) -> Iterator[Rule]:
    """The rules of the outermost level. Statements such as ``@import`` and ``@charset`` have no place in mail and are
    left out; an unclosed block ends at the end, as CSS says."""
    depth = start = body_start = 0
    prelude = ""
    for match in _RULE_MARK.finditer(css):
        mark = match[0]
        if mark == "{":
            if depth == 0:
                prelude, body_start = css[start : match.start()].strip(), match.end()
            depth += 1
        elif mark == "}":
            depth = max(depth - 1, 0)
            if depth == 0 and prelude:
                yield Rule(prelude, css[body_start : match.start()])
                prelude = ""
            start = match.end() if depth == 0 else start
        elif mark == ";" and depth == 0:
            start = match.end()
    if depth and prelude:
        yield Rule(prelude, css[body_start:])


def declarations(body: str) -> Iterator[tuple[str, str]]:
    """(property, value) pairs; semicolons in strings and in ``url(data:…)`` do not separate."""
    start = depth = 0
    for match in _DECLARATION_MARK.finditer(body):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth = max(depth - 1, 0)
        elif match[0] == ";" and depth == 0:
            yield from _declaration(body[start : match.start()])
            start = match.end()
    yield from _declaration(body[start:])


def safe_declarations(body: str, important: bool = False) -> str:
    """``body`` without the declarations that run code, load programs or end the style; optionally all important."""
    kept = []
    for name, value in declarations(without_comments(body)):
        if is_safe(name, value):
            ending = " !important" if important and not _IMPORTANT.search(value) else ""
            kept.append(f"{name}:{value}{ending}")
    return ";".join(kept)


def is_safe(name: str, value: str) -> bool:
    plain = _normalised(value)
    if _UNSAFE_VALUE.search(plain) or not {"<", "{", "}"}.isdisjoint(plain):
        return False
    return _normalised(name) not in _UNSAFE_PROPERTIES


@dataclass(frozen=True, slots=True)
class Sheet:
    """``inline``: plain rules for premailer. ``kept``: CSS for the head (media queries, hover, client hacks)."""

    inline: str
    kept: str


def sort_out(css: str, names: frozenset[str]) -> Sheet:
    """Clean ``css`` and part it. ``names`` are the ids and classes of the body as ``#id`` and ``.class``: a rule for
    another name is aimed at what a mail program wraps around the body (``.ExternalClass``) and stays."""
    inline: list[str] = []
    kept: list[str] = []
    for rule in rules(without_comments(css)):
        if rule.prelude.startswith("@"):
            kept.append(_cleaned_rule(rule, 0, important=True))
            continue
        plain, other = _parted_selectors(rule.prelude, names)
        if plain and (body := _flat(rule.body)):
            inline.append(f"{plain}{{{body}}}")
        if other and (body := _flat(rule.body, important=":" in other)):
            kept.append(f"{other}{{{body}}}")
    return Sheet("\n".join(inline), _contained("\n".join(filter(None, kept))))


def cleaned(css: str) -> str:
    """All of ``css`` with the dangerous things out, nothing moved."""
    kept = [_cleaned_rule(rule, 0, important=False) for rule in rules(without_comments(css))]
    return _contained("\n".join(filter(None, kept)))


def selector_count(css: str) -> int:
    """An upper bound of the selectors in ``css``."""
    return css.count("{") + css.count(",")


def _cleaned_rule(rule: Rule, level: int, important: bool) -> str:
    if _NESTING.match(rule.prelude) and level < MAX_NESTING:
        inner = [_cleaned_rule(child, level + 1, important) for child in rules(rule.body)]
        return f"{rule.prelude}{{{' '.join(filter(None, inner))}}}"
    if rule.prelude.startswith("@"):
        return _verbatim_rule(rule) if _VERBATIM.match(rule.prelude) else ""
    body = _flat(rule.body, important)
    return f"{rule.prelude}{{{body}}}" if body else ""


def _verbatim_rule(rule: Rule) -> str:
    """``@font-face`` has declarations, ``@keyframes`` has frames; ``!important`` is not allowed in either."""
    if "{" in rule.body:
        frames = [f"{frame.prelude}{{{_flat(frame.body)}}}" for frame in rules(rule.body)]
        return f"{rule.prelude}{{{' '.join(frames)}}}"
    return f"{rule.prelude}{{{_flat(rule.body)}}}"


def _flat(body: str, important: bool = False) -> str:
    """The declarations of a style rule; nested rules inside it are not for mail."""
    return "" if "{" in body else safe_declarations(body, important)


def _parted_selectors(prelude: str, names: frozenset[str]) -> tuple[str, str]:
    if any(sign in prelude for sign in "(\"'\\@"):
        return "", prelude
    selectors = [" ".join(selector.split()) for selector in prelude.split(",") if selector.strip()]
    plain = [selector for selector in selectors if _is_plain(selector, names)]
    return ",".join(plain), ",".join(selector for selector in selectors if selector not in plain)


def _is_plain(selector: str, names: frozenset[str]) -> bool:
    return bool(_PLAIN_SELECTOR.fullmatch(selector)) and names.issuperset(re.findall(r"[.#][\w\-]+", selector))


def _declaration(text: str) -> Iterator[tuple[str, str]]:
    name, colon, value = text.partition(":")
    if colon and name.strip() and value.strip():
        yield name.strip(), value.strip()


def _normalised(text: str) -> str:
    """Escapes decoded, comments and blanks out, lower case: what an old engine may have made of it."""
    return _IGNORED.sub("", _ESCAPE.sub(_unescaped, without_comments(text))).lower()


def _unescaped(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0x110000 else ""


def _contained(css: str) -> str:
    """Nothing in it can end the ``<style>`` element or a comment around it."""
    return _ENDS_STYLE.sub(" ", css)
