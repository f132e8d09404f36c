"""Draft → Content: everything that is the same for all people is done here, once per mass email and language."""

import re

from django.utils.translation import gettext_lazy as _

from campaigns.content import additions, lint, opt_out
from campaigns.content.content import Content, Escape, Part, Slot, merge, printable
from campaigns.content.document import Document, parse
from campaigns.content.draft import Draft, Options
from campaigns.content.inline import inline_css
from campaigns.content.placeholders import TRACKING_PREFIX, Placeholder
from campaigns.content.problems import Problem, Problems
from campaigns.content.sanitise import sanitise
from campaigns.content.serialise import serialise
from campaigns.content.text import derive_text, own_text, text_part
from campaigns.content.vault import URL_NAMES, Vault

__all__ = ["Draft", "Options", "Problem", "compile_content"]

MAX_SUBJECT = 998
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


def compile_content(draft: Draft, options: Options) -> tuple[Content, list[Problem]]:
    """Compile ``draft``. Never raises, whatever the input; with an error among the problems the content is only fit for
    a preview and must not be sent. Problem fields: subject, preview_text, body, text."""
    problems = Problems()
    if _is_too_big(draft, options, problems):
        return Content(subject=(), html=None, text=()), problems.in_order()
    subject, preview_text = draft.subject, draft.preview_text
    draft = Draft(*(printable(part) for part in (subject, preview_text, draft.html, draft.text)))
    vault = Vault(options, problems, draft.subject, draft.preview_text, draft.html, draft.text)
    compiled_subject = _compile_subject(subject, vault, problems)
    html, derived = _compile_html(draft, options, vault, problems) if draft.html.strip() else (None, "")
    text = _compile_text(draft.text, derived, options, vault)
    if not draft.html.strip() and not draft.text.strip():
        problems.error("body", _("The template has no body."))
    return Content(compiled_subject, html, text, _tracking_codes(html or (), text)), problems.in_order()


def _is_too_big(draft: Draft, options: Options, problems: Problems) -> bool:
    sizes = {"body": _size(draft.html), "text": _size(draft.text), "preview_text": _size(draft.preview_text)}
    for field, size in sizes.items():
        if size > options.max_body_bytes:
            message = _("This is {size} MB; at most {limit} MB are possible.")
            limit = round(options.max_body_bytes / 1_000_000, 1)
            problems.error(field, message, size=round(size / 1_000_000, 1), limit=limit)
    if len(draft.subject) > MAX_SUBJECT:
        problems.error("subject", _("The subject is longer than {limit} characters."), limit=MAX_SUBJECT)
    return any(problem.is_error for problem in problems)


def _size(text: str) -> int:
    """Octets in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def _compile_subject(source: str, vault: Vault, problems: Problems) -> Part:
    if _BREAKS.search(source):
        problems.error("subject", _("The subject contains a line break or a control character."))
    subject = _BREAKS.sub(" ", printable(source)).strip()
    if not subject:
        problems.error("subject", _("The subject is empty."))
    pieces: list[str | Slot] = []
    for piece in vault.pieces(vault.protect(subject, "subject")):
        if isinstance(piece, Placeholder) and (piece.name in URL_NAMES or piece.tracking_code):
            message = _("{placeholder} cannot stand in the subject.")
            problems.error("subject", message, placeholder=piece.source)
        else:
            pieces.append(piece if isinstance(piece, str) else vault.slot(piece, Escape.HEADER))
    return merge(pieces)


def _compile_html(draft: Draft, options: Options, vault: Vault, problems: Problems) -> tuple[Part | None, str]:
    """The HTML part and the text derived from it, its marks still in it."""
    document = parse(vault.protect(draft.html, "body", is_html=True), problems)
    if document is None:
        _report_empty(problems)
        return None, ""
    sanitise(document, vault, problems)
    _settle(document, vault)
    document = inline_css(document, vault, problems)
    derived = derive_text(document, vault)
    _check(document, derived, vault, problems)
    _add(document, draft, options, vault)
    part = serialise(document, vault)
    lint.check_size(part, problems)
    return part, derived


def _report_empty(problems: Problems) -> None:
    if not any(problem.is_error and problem.field == "body" for problem in problems):
        problems.error("body", _("The template has no body."))


def _settle(document: Document, vault: Vault) -> None:
    """What was written as an entity is a character only now: braces are protected, control characters go."""
    for node in document.root.iter():
        node.tail = _settled(node.tail, vault)
        if not isinstance(node.tag, str) or node.tag == "style":
            continue
        node.text = _settled(node.text, vault)
        for name, value in node.attrib.items():
            if "{" in value and name != "style":
                node.set(name, _settled(value, vault))


def _settled(text: str | None, vault: Vault) -> str | None:
    return printable(vault.protect_again(text) if "{" in text else text) if text else None


def _check(document: Document, derived: str, vault: Vault, problems: Problems) -> None:
    if not derived.strip() and next(document.body.iter("img"), None) is None:
        _report_empty(problems)
    lint.check_images(document, problems)
    lint.check_broken_placeholders(derived, vault, problems)


def _add(document: Document, draft: Draft, options: Options, vault: Vault) -> None:
    additions.declare(document, options.language)
    if options.append_opt_out and not opt_out.html_has_link(document, vault):
        opt_out.append_to_html(document, vault)
    if options.open_pixel and options.track:
        additions.add_open_pixel(document, vault)
    preview_text = " ".join(vault.protect(draft.preview_text, "preview_text").split())
    if preview_text:
        additions.add_preview_text(document, preview_text)


def _compile_text(own: str, derived: str, options: Options, vault: Vault) -> Part:
    source = own_text(vault.protect(own, "text")) if own.strip() else derived
    part = text_part(source, vault)
    if options.append_opt_out and not opt_out.text_has_link(part):
        return opt_out.append_to_text(part)
    return merge([*part, "\n"])


def _tracking_codes(*parts: Part) -> tuple[str, ...]:
    names = [piece.name for part in parts for piece in part if isinstance(piece, Slot)]
    codes = [name.removeprefix(TRACKING_PREFIX) for name in names if name.startswith(TRACKING_PREFIX)]
    return tuple(dict.fromkeys(codes))
