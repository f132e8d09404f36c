import pytest

from tests.campaigns.content.compiling import text_of

CASES = [
    ("<p>one</p><p>two</p>", "one\n\ntwo"),
    ("<div>one</div><div>two</div>", "one\ntwo"),
    ("one<br>two<br/>three", "one\ntwo\nthree"),
    ("<p>  a \n  b&nbsp;c\t</p>", "a b c"),
    ("<h1>Big</h1><p>x</p>", "Big\n===\n\nx"),
    ("<h2>Small</h2>x", "Small\n-----\n\nx"),
    ("<h3>Third</h3>x", "Third\n\nx"),
    ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
    ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
    ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
    ("<ul><li>a<br>b</li></ul>", "- a\n  b"),
    ("<ul><li></li></ul><p>x</p>", "x"),
    ("<blockquote>said<br>so</blockquote>x", "> said\n> so\n\nx"),
    ("a<hr>b", f"a\n\n{'-' * 40}\n\nb"),
    ("<pre>a\n  b</pre>", "a\n  b"),
    ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A | B\n1 | 2"),
    ("<table><tr><td>left</td><td>right</td></tr></table>", "left\nright"),
    ('<a href="https://x.example/a">go</a>', "go (https://x.example/a)"),
    ('<a href="https://x.example/a">https://x.example/a</a>', "https://x.example/a"),
    ('<a href="https://x.example/a"></a>', "https://x.example/a"),
    ('<a href="https://x.example/a"><img src="https://x.example/i" alt="Logo"></a>', "Logo (https://x.example/a)"),
    ('<a href="https://x.example/a"><div>big</div><div>button</div></a>', "big button (https://x.example/a)"),
    ('see <a href="https://x.example/a"> this </a>now', "see this (https://x.example/a) now"),
    ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
    ('<a href="mailto:a@x.example">write</a>', "write (mailto:a@x.example)"),
    ('<a href="#top">up</a>', "up"),
    ('<img src="https://x.example/i" alt="A cat">', "A cat"),
    ('<div style="display:none">no</div>yes', "yes"),
    ("<style>.h{display:none}</style><p class=h>no</p><p>yes</p>", "yes"),
    ("<title>no</title><p>yes</p>", "yes"),
    ("<!-- no --> yes <!--[if mso]>no<![endif]--> too", "yes too"),
    ("&lt;b&gt; &amp; &euro;", "<b> & €"),
    ("zero\u200bwidth", "zerowidth"),
    ("<p>مرحبا</p><p>日本</p>", "مرحبا\n\n日本"),
]


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_derived_text(body: str, expected: str) -> None:
    assert text_of(body) == f"{expected}\n"


def test_placeholders_in_derived_text() -> None:
    body = '<h1>Hi {Person.name}</h1><a href="https://x.example/?n={Person.name}">go</a> <a href="{optOutUrl}">out</a>'
    assert text_of(body, {"Person.name": "A & B"}) == (
        "Hi A & B\n================\n\ngo (https://x.example/?n=A%20%26%20B) out (https://herald.example/u/token)\n"
    )


def test_value_in_a_web_address_of_own_text_is_encoded() -> None:
    text = "https://x.example/{Person.name}?a={Person.name} {Person.name}"
    assert text_of("", {"Person.name": "A B"}, text=text) == "https://x.example/A%20B?a=A%20B A B\n"


def test_at_most_one_empty_line_in_a_row() -> None:
    assert "\n\n\n" not in text_of(
        "<p>a</p><table><tr><td><p></p><p><br><br></p><div><p>b</p></div></td></tr></table>" * 3
    )
