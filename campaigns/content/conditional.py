"""Conditional comments for Outlook. Their content is no tree (it opens tables here that another comment closes), so it
is read tag by tag and written anew from the allow-list. All other comments are left out of the mail."""

import html
import re

from campaigns.content import css, links
from campaigns.content.sanitise import REMOVED_WHOLE, TAGS, is_allowed_attribute
from campaigns.content.vault import Vault
from campaigns.content.writer import Writer

#: Longer ones do not occur in real templates and would cost time.
MAX_LENGTH = 64_000

_CONDITION = r"\[if [\w\s()!|&.]{1,80}\]"
_HIDDEN = re.compile(rf"\s*({_CONDITION})>(.*?)<!\[endif\]\s*", re.DOTALL | re.IGNORECASE)
_REVEALED = re.compile(rf"\s*({_CONDITION}>)\s*(?:<!\s*(?:--\s*)?)?", re.IGNORECASE)
_REVEALED_END = re.compile(r"\s*<!\[endif\]\s*", re.IGNORECASE)
_BOGUS = re.compile(rf"\s*({_CONDITION}|\[endif\])\s*", re.IGNORECASE)
# Quoted values stop at angle brackets, which keeps the search linear.
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.\-]{0,40})((?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*)>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]{1,60})(?:\s{0,9}=\s{0,9}(\"[^\"]*\"|'[^']*'|[^\s\"'<>=`]+))?")
_STYLE = re.compile(r"<style\b[^<>]{0,200}>", re.IGNORECASE)
_STYLE_END = re.compile(r"</style\s{0,9}>", re.IGNORECASE)
_OFFICE_TAG = re.compile(r"[vow]:[a-zA-Z][\w]{0,40}|xml|noscript")
_OFFICE_ATTRIBUTE = re.compile(r"(?!on)[a-z][\w\-]{0,40}|xmlns:\w{1,10}|[vow]:(?!on)[\w\-]{1,40}", re.IGNORECASE)


def write_comment(text: str, writer: Writer, vault: Vault) -> None:
    """Write the comment ``text`` (what stands between ``<!--`` and ``-->``) when it is a conditional one."""
    if len(text) > MAX_LENGTH:
        return
    if match := _HIDDEN.fullmatch(text):
        writer.raw(f"<!--{match[1]}>")
        _write_content(match[2], writer, vault)
        writer.raw("<![endif]-->")
    elif match := _REVEALED.fullmatch(text):
        writer.raw(f"<!--{match[1]}<!-->")
    elif _REVEALED_END.fullmatch(text):
        writer.raw("<!--<![endif]-->")
    elif match := _BOGUS.fullmatch(text):
        writer.raw(f"<!{match[1]}>")  # <![if !mso]>: an HTML parser takes it for a comment


def _write_content(content: str, writer: Writer, vault: Vault) -> None:
    position = 0
    while (start := _STYLE.search(content, position)) and (end := _STYLE_END.search(content, start.end())):
        _write_markup(content[position : start.start()], writer, vault)
        rules = css.cleaned(vault.without_marks(content[start.end() : end.start()]))
        writer.raw(f"<style>{rules}</style>")
        position = end.end()
    _write_markup(content[position:], writer, vault)


def _write_markup(markup: str, writer: Writer, vault: Vault) -> None:
    position = 0
    for match in _TAG.finditer(markup):
        writer.text(vault.protect_again(html.unescape(markup[position : match.start()])))
        _write_tag(match, writer, vault)
        position = match.end()
    writer.text(vault.protect_again(html.unescape(markup[position:])))


def _write_tag(match: re.Match[str], writer: Writer, vault: Vault) -> None:
    closing, name, rest = match[1], match[2], match[3]
    office = bool(_OFFICE_TAG.fullmatch(name))
    if name.lower() in REMOVED_WHOLE or not (office or name.lower() in TAGS):
        return
    writer.raw(f"<{closing}{name}")
    for attribute in () if closing else _ATTRIBUTE.finditer(rest):
        _write_attribute(attribute, office, writer, vault)
    writer.raw("/>" if rest.rstrip().endswith("/") and not closing else ">")


def _write_attribute(match: re.Match[str], office: bool, writer: Writer, vault: Vault) -> None:
    name = match[1].lower() if not office else match[1]
    value = vault.protect_again(html.unescape((match[2] or "").strip("\"'")))
    known = _OFFICE_ATTRIBUTE.fullmatch(name) if office else is_allowed_attribute(name)
    if not known or name.lower() in ("srcdoc", "http-equiv"):
        return
    if name.lower() == "style":
        value = css.safe_declarations(vault.without_marks(value))
    elif name.lower() in links.URL_ATTRIBUTES:
        value = links.without_doubled_scheme(links.tidy(value), vault)
        if not links.is_allowed(name.lower(), value):
            return
    writer.attribute(name, value)
