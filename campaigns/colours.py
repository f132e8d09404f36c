"""Colours as people read them: contrast after WCAG 2, and one colour made to work on a light and on a dark page."""

import re

WHITE = "#ffffff"
BLACK = "#000000"
DARK_SURFACE = "#1a1a1f"  # of public.css
READABLE = 4.5  # WCAG 2.2, 1.4.3
_STEP = 0.05
_HEX = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether it is written #rrggbb, in lower case."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, with_: str, share: float) -> str:
    """`share` of the second in the first, from 0 to 1, in sRGB."""
    pairs = zip(_channels(colour), _channels(with_), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def for_dark_pages(colour: str) -> str:
    """The same colour, as much lighter as it takes to be read on the dark surface with some room."""
    share, found = 0.0, colour
    while contrast(found, DARK_SURFACE) < READABLE + 1:
        share += _STEP
        found = mixed(colour, WHITE, share)
    return found


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
