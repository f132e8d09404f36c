import pytest

from campaigns.content import css
from tests.campaigns.content.compiling import html_of, soup, warnings


def style_of(body: str, selector: str = "p") -> str:
    element = soup(html_of(body)).select_one(selector)
    assert element is not None
    return str(element.get("style", "")).replace(" ", "")


def head_of(body: str) -> str:
    style = soup(html_of(body)).head.style  # type: ignore[union-attr]
    return "" if style is None else str(style.string)


def test_plain_rules_are_inlined_and_leave_the_head() -> None:
    body = "<style>p{color:red} .x{margin:0} #y{padding:1px}</style><p class=x id=y>t</p>"
    assert style_of(body) == "color:red;margin:0;padding:1px"
    assert head_of(body) == ""


def test_own_style_wins() -> None:
    assert style_of("<style>p{color:red}</style><p style='color:blue'>t</p>") == "color:blue"


@pytest.mark.parametrize(
    "rule",
    [
        "@font-face{font-family:A;src:url(https://x.example/a.woff2)}",
        "@keyframes k{from{opacity:0} to{opacity:1}}",
        ".ExternalClass{width:100%}",
        "#outlook a{padding:0}",
        "u + .body{color:red}",
        "[data-ogsc] .x{color:red}",
        "*{box-sizing:border-box}",
        "a[x-apple-data-detectors]{color:inherit}",
    ],
)
def test_what_cannot_be_inlined_stays(rule: str) -> None:
    assert rule in head_of(f"<style>{rule}</style><p class=x>t</p>")


def test_media_queries_and_hover_win_over_inlined_rules() -> None:
    css_text = "@media (prefers-color-scheme: dark){p{color:white;margin:0 !important}} a:hover{color:red}"
    kept = head_of(f"<style>{css_text}</style><p>t</p>")
    assert "@media (prefers-color-scheme: dark){p{color:white !important;margin:0 !important}}" in kept
    assert "a:hover{color:red !important}" in kept


def test_style_with_a_media_attribute_becomes_a_media_query() -> None:
    assert "@media print{p{color:red !important}}" in head_of("<style media=print>p{color:red}</style><p>t</p>")


def test_width_attribute_survives() -> None:
    image = soup(html_of("<style>img{width:100%}</style><img src='https://x.example/a' alt='' width=600>")).img
    assert image is not None and image["width"] == "600"


@pytest.mark.parametrize(
    "declaration",
    [
        "width:expression(alert(1))",
        "width:exp/**/ression(alert(1))",
        "width:\\65xpression(alert(1))",
        "width:e\\xpression(1)",
        "behavior:url(x.htc)",
        "-moz-binding:url(x)",
        "background:url(javascript:x)",
        "background:url('java\tscript:x')",
        "background:url(vbscript:x)",
        "background:url(data:text/html,x)",
        "color:red}</style><script>",
        "BEHAVIOR:url(x)",
        "b\\65havior:url(x)",
    ],
)
def test_dangerous_declarations_go(declaration: str) -> None:
    for body in (f'<p style="{declaration};color:blue">t</p>', f"<style>p{{{declaration};color:blue}}</style><p>t</p>"):
        out = html_of(body).lower().replace(" ", "")
        for word in ("expression", "behavior", "binding", "javascript", "vbscript", "data:text", "<script"):
            assert word not in out


def test_imports_go() -> None:
    assert "x.example" not in html_of("<style>@import url(https://x.example/a.css); p{color:red}</style><p>t</p>")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a:b;c:d", [("a", "b"), ("c", "d")]),
        ("a:url(data:image/png;base64,xx);c:d", [("a", "url(data:image/png;base64,xx)"), ("c", "d")]),
        ("content:';';c:d", [("content", "';'"), ("c", "d")]),
        ("a;b:;:c; d : e ", [("d", "e")]),
    ],
)
def test_declarations_are_cut_at_the_right_places(body: str, expected: list[tuple[str, str]]) -> None:
    assert list(css.declarations(body)) == expected


def test_unclosed_blocks_end_at_the_end() -> None:
    assert [rule.prelude for rule in css.rules("a{b:c} d{e:f")] == ["a", "d"]


def test_style_text_cannot_end_its_element() -> None:
    assert "</" not in css.cleaned("a</style><script>{b:c} d{e:'</style>'} @media </style>{f{g:h}}")


def test_odd_css_is_not_lost_silently() -> None:
    body = "<style>" + "".join(f".c{number}{{color:red}}" for number in range(2_500)) + "</style><p class=c1>t</p>"
    assert ".c1{color:red}" in head_of(body)
    assert warnings(body)
