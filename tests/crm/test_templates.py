"""What every template keeps to."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
TABLE = re.compile(r'<table class="table cards.*?</table>', re.DOTALL)
PART = re.compile(r"<(?:table|thead|tbody|tr|th|td)[ >][^>]*")
WITH_CARDS = [path for path in sorted(TEMPLATES.rglob("*.html")) if TABLE.search(path.read_text())]


WRONG_END = re.compile(
    r'<button class="btn primary[^>]*>(?:(?!</button>).)*</button>\s*<a class="btn"[^>]*>\{% translate "Cancel"',
    re.DOTALL,
)


def test_a_form_ends_with_cancel_and_then_what_it_does() -> None:
    assert [path.name for path in TEMPLATES.rglob("*.html") if WRONG_END.search(path.read_text())] == []


@pytest.mark.parametrize("path", WITH_CARDS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_table_that_becomes_cards_stays_a_table_to_the_ears(path: Path) -> None:
    """Its rows are blocks on a phone, which takes the meaning of a table away unless each part has its role."""
    for table in TABLE.findall(path.read_text()):
        assert [part for part in PART.findall(table) if "role=" not in part] == []
