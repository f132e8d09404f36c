import pytest

from campaigns.content.content import Content, Escape, Part, Slot
from tests.campaigns.content.compiling import OUT, compiled, hrefs, html_of, soup, text_of

LABEL = {"optOutLabel": "Salir & <fin>"}


def count(content: Content) -> tuple[int, int]:
    """How many opt-out slots HTML and text have."""
    return _slots(content.html or ()), _slots(content.text)


def _slots(part: Part) -> int:
    return len([piece for piece in part if isinstance(piece, Slot) and piece.name == "optOutUrl"])


def test_missing_link_is_appended_to_both_parts() -> None:
    out = html_of("<p>x</p>", LABEL, append_opt_out=True)
    link = soup(out).find_all("a")[-1]
    assert link["href"] == OUT and link.string == "Salir & <fin>"
    assert out.rstrip().endswith("</p></body></html>")
    assert text_of("<p>x</p>", LABEL, append_opt_out=True) == f"x\n\nSalir & <fin>: {OUT}\n"


def test_nothing_is_appended_when_it_is_switched_off() -> None:
    content, _problems = compiled("<p>x</p>")
    assert count(content) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="{optOutUrl}">out</a>',
        "<a href={optOutUrl}>out</a>",
        '<a href=" {optOutUrl} ">out</a>',
        '<a href="http://{optOutUrl}">out</a>',
        '<a href="{optOutUrl}?x=1"><b>out</b></a>',
        '<a href="{optOutUrl}"><img src="https://x.example/a.png" alt="out"></a>',
        "<p>{optOutLink}</p>",
        "<p><b>x</b> {optOutLink} y</p>",
        '<a href="&#123;optOutUrl}">out</a>',
    ],
)
def test_real_link_is_recognised(body: str) -> None:
    content, problems = compiled(body, append_opt_out=True)
    assert count(content) == (1, 1) and not [problem for problem in problems if problem.is_error]


@pytest.mark.parametrize(
    "body",
    [
        "<!-- {optOutUrl} --><p>x</p>",
        '<!-- <a href="{optOutUrl}">x</a> --><p>x</p>',
        '<p title="{optOutUrl}">x</p>',
        '<img src="{optOutUrl}" alt="">x',
        "<p>{optOutUrl}</p>",
        '<a href="{optOutUrl}"></a><p>x</p>',
        '<div style="display:none"><a href="{optOutUrl}">out</a></div>x',
        '<style>.h{display:none}</style><p class="h"><a href="{optOutUrl}">out</a></p>x',
        '<a hidden style="display:none" href="{optOutUrl}">out</a>x',
        '<!--[if mso]><a href="{optOutUrl}">out</a><![endif]--><p>x</p>',
        '<a href="https://x.example/?u={optOutUrl}">x</a>',
        "<p>optOutUrl</p>",
        "<script>{optOutLink}</script>x",
    ],
)
def test_a_mere_mention_is_no_link(body: str) -> None:
    out = html_of(body, append_opt_out=True)
    assert [link for link in soup(out).find_all("a") if link.string == "Unsubscribe"]


def test_html_and_text_are_judged_apart() -> None:
    content, _problems = compiled('<a href="{optOutUrl}">out</a>', text="no link", append_opt_out=True)
    assert count(content) == (1, 1)
    content, _problems = compiled("<p>x</p>", text="out: {optOutUrl}", append_opt_out=True)
    assert count(content) == (1, 1)


def test_plain_text_template_gets_the_link() -> None:
    assert text_of("", text="Hi", append_opt_out=True).endswith(f"\n\nUnsubscribe: {OUT}\n")


def test_opt_out_link_is_spelled_out() -> None:
    out = html_of("<p>Bye {optOutLink}</p>", LABEL)
    assert f'<p>Bye <a href="{OUT}">Salir &amp; &lt;fin&gt;</a></p>' in out
    assert text_of("<p>Bye {optOutLink}</p>", LABEL) == f"Bye Salir & <fin>: {OUT}\n"
    assert text_of("", LABEL, text="Bye {optOutLink}") == f"Bye Salir & <fin>: {OUT}\n"


def test_opt_out_link_in_an_attribute_is_the_url() -> None:
    assert hrefs(html_of('<a href="{optOutLink}">x</a>')) == [OUT]
    content, _problems = compiled('<a href="{optOutLink}">x</a>')
    assert content.html is not None and Slot("optOutUrl", escape=Escape.LINK) in content.html
