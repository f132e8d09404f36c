from hypothesis import given
from hypothesis import strategies as st

from campaigns.colours import BLACK, DARK_SURFACE, READABLE, WHITE, contrast, for_dark_pages, is_colour, mixed

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_what_wcag_says() -> None:
    assert round(contrast(BLACK, WHITE), 2) == 21
    assert round(contrast("#777777", WHITE), 2) == 4.48
    assert contrast("#3a3fd0", "#3a3fd0") == 1


@given(colours)
def test_every_colour_can_be_read_on_dark_pages_and_carries_dark_words(colour: str) -> None:
    found = for_dark_pages(colour)
    assert is_colour(found)
    assert contrast(found, DARK_SURFACE) >= READABLE and contrast(found, "#14142b") >= READABLE


@given(colours, colours)
def test_mixing(one: str, other: str) -> None:
    assert mixed(one, other, 0) == one and mixed(one, other, 1) == other
    assert contrast(one, other) == contrast(other, one) >= 1
