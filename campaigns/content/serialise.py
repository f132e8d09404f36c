"""Writes a whole document, comments included."""

from lxml import etree

from campaigns.content.conditional import write_comment
from campaigns.content.content import Part
from campaigns.content.document import Document, Element
from campaigns.content.vault import Vault
from campaigns.content.writer import VOID_TAGS, Writer, is_element, write_element_start, write_text_of


def serialise(document: Document, vault: Vault) -> Part:
    """``document`` as a Part. Walks without recursion, in time linear in the number of nodes."""
    writer = Writer(vault)
    writer.raw(f"{document.doctype}\n")
    for comment in document.preface:
        write_comment(comment, writer, vault)
    for event, node in etree.iterwalk(document.root, events=("start", "end", "comment", "pi")):
        _write_event(event, node, writer, vault, is_root=node is document.root)
    writer.raw("\n")
    return writer.part()


def _write_event(event: str, node: Element, writer: Writer, vault: Vault, is_root: bool) -> None:
    if event == "start":
        write_element_start(node, writer)
        write_text_of(node, writer)
        return
    if event == "comment":
        write_comment(node.text or "", writer, vault)
    elif is_element(node) and node.tag not in VOID_TAGS:
        writer.raw(f"</{node.tag}>")
    if node.tail and not is_root:
        writer.text(node.tail)
