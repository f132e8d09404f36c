from campaigns.content.content import Escape, Slot
from tests.campaigns.content.compiling import compiled, html_of, soup, text_of

PIXEL = {"openPixelUrl": "https://herald.example/o/token.gif"}


def test_open_pixel_is_the_last_thing_in_the_body() -> None:
    out = html_of("<p>x</p>", PIXEL, open_pixel=True, append_opt_out=True)
    images = soup(out).find_all("img")
    assert [(i["src"], i["alt"], i["width"], i["height"]) for i in images] == [(PIXEL["openPixelUrl"], "", "1", "1")]
    assert out.rstrip().endswith('border:0"></body></html>')


def test_no_pixel_unless_asked_for_and_tracking_is_on() -> None:
    for changes in ({}, {"open_pixel": False}, {"open_pixel": True, "track": False}):
        content, _problems = compiled("<p>x</p>", **changes)
        assert content.html is not None
        assert not [piece for piece in content.html if isinstance(piece, Slot)]


def test_an_author_cannot_place_the_pixel_himself() -> None:
    _content, problems = compiled('<img src="{openPixelUrl}" alt="">')
    assert problems[0].is_error


def test_preview_text_is_hidden_at_the_start_of_the_body() -> None:
    out = html_of("<p>x</p>", {"Person.name": "<Jane>"}, preview_text="For {Person.name} & you")
    first = soup(out).body.find()  # type: ignore[union-attr]
    assert first is not None and first.name == "div" and "display:none" in str(first["style"])
    assert first.get_text().startswith("For <Jane> & you")


def test_preview_text_is_not_in_the_text_part() -> None:
    assert text_of("<p>x</p>", preview_text="Preview") == "x\n"


def test_pixel_slot_is_a_link() -> None:
    content, _problems = compiled("<p>x</p>", open_pixel=True)
    assert content.html is not None and Slot("openPixelUrl", escape=Escape.LINK) in content.html
