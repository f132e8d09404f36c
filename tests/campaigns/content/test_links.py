"""DUTIES T22: what stood in the href stands in the mail, octet by octet; and which links may not go out."""

import html

import pytest

from tests.campaigns.content.compiling import compiled, errors, hrefs, html_of, text_of, warnings

URLS = [
    "https://example.com",
    "https://example.com/",
    "http://example.com/a/b/c.html",
    "https://example.com:8443/x",
    "https://user@example.com/",
    "https://example.com/?a=1",
    "https://example.com/?a=1&b=2",
    "https://example.com/?a&b",
    "https://example.com/?a=1&amp=2",
    "https://example.com/?a=1&amp;b=2",
    "https://example.com/?copy=1&copy=2",
    "https://example.com/?x=1&reg=2&para=3&sect=4",
    "https://example.com/?lt=1&lt=2&gt;3",
    "https://example.com/#top",
    "https://example.com/?a=1#b=2&c",
    "https://example.com/#/route?x=1",
    "https://example.com/#!hash",
    "https://example.com/?#",
    "https://example.com/%20",
    "https://example.com/%2F%2f",
    "https://example.com/%E2%82%AC",
    "https://example.com/%zz",
    "https://example.com/%",
    "https://example.com/100%25",
    "https://example.com/?q=a%20b+c",
    "https://example.com/?q=a b",
    "https://example.com/a b/c",
    "https://example.com/é",
    "https://example.com/日本語?q=ключ",
    "https://пример.рф/путь",
    "https://xn--e1afmkfd.xn--p1ai/",
    "https://example.com/😀",
    "https://example.com/?e=a%40b.c",
    "https://example.com/?e=a@b.c",
    "https://example.com/'x'",
    'https://example.com/"x"',
    "https://example.com/<x>",
    "https://example.com/?q=<b>&x",
    "https://example.com/(x)",
    "https://example.com/[x]",
    "https://example.com/?a[]=1&a[]=2",
    "https://example.com/?a[b]=1",
    "https://example.com/{x",
    "https://example.com/}x",
    'https://example.com/?j={"a":1}',
    "https://example.com/|x|",
    "https://example.com/a\\b",
    "https://example.com/^x",
    "https://example.com/`x`",
    "https://example.com/~x",
    "https://example.com/;p=1;q=2",
    "https://example.com/,a,b",
    "https://example.com/$x",
    "https://example.com/*",
    "https://example.com/a//b///c",
    "https://example.com/../x/./y",
    "https://example.com/?u=https://other.example/?a=1%26b=2",
    "HTTPS://EXAMPLE.COM/Path",
    "https://[2001:db8::1]/x",
    "https://192.0.2.1/x",
    "https://example.com/?utm_source=a&utm_medium=b",
    "https://example.com/" + "x" * 1900,
    "mailto:a@example.com",
    "mailto:a@example.com?subject=Hi%20you&body=x",
    "mailto:a+b@example.com,c@example.com",
    "tel:+34-600-123-456",
    "tel:+62(21)5551234",
    "#top",
    "#",
]


@pytest.mark.parametrize("url", URLS)
def test_url_is_exact_in_html(url: str) -> None:
    assert hrefs(html_of(f'<p><a href="{html.escape(url)}">x</a></p>')) == [url]


@pytest.mark.parametrize("url", [url for url in URLS if not url.startswith("#")])
def test_url_is_exact_in_text(url: str) -> None:
    assert text_of(f'<a href="{html.escape(url)}">x</a>') == f"x ({url})\n"


@pytest.mark.parametrize("url", URLS)
def test_url_is_exact_after_inlining_css(url: str) -> None:
    assert hrefs(html_of(f'<style>a{{color:red}}</style><a href="{html.escape(url)}">x</a>')) == [url]


@pytest.mark.parametrize("url", URLS)
def test_url_is_untouched_in_a_plain_text_template(url: str) -> None:
    assert text_of("", text=f"see {url} now") == f"see {url} now\n"


def test_corpus_is_large_enough() -> None:
    assert len(URLS) >= 60


def test_unescaped_ampersands_mean_what_a_browser_makes_of_them() -> None:
    assert hrefs(html_of('<a href="https://x.example/?a=1&b=2&copy=3">x</a>')) == ["https://x.example/?a=1&b=2&copy=3"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://x.example/?e={Person.emailAddress}", "https://x.example/?e=a%2Bb%40c.example"),
        ("https://x.example/{Person.name}/y?z=1#f", "https://x.example/Jo%20%26%20Co%2F%3F%23/y?z=1#f"),
        ("https://x.example/?u={trackingUrl:abc}", "https://x.example/?u=https%3A%2F%2Fherald.example%2Ft%2Fabc"),
        ("{trackingUrl:abc}", "https://herald.example/t/abc"),
        ("http://{trackingUrl:abc}", "https://herald.example/t/abc"),
        ("https://{optOutUrl}", "https://herald.example/u/token"),
        ("{optOutUrl}?lang=en&x=1", "https://herald.example/u/token?lang=en&x=1"),
        ("{optOutLink}", "https://herald.example/u/token"),
        ("{Contact.website}", "https://c.example/?a=1&b=2"),
        ("mailto:{Person.emailAddress}", "mailto:a%2Bb%40c.example"),
    ],
)
def test_merge_fields_in_urls_are_encoded(source: str, expected: str) -> None:
    values = {
        "Person.emailAddress": "a+b@c.example",
        "Person.name": "Jo & Co/?#",
        "Contact.website": "https://c.example/?a=1&b=2",
    }
    assert hrefs(html_of(f'<a href="{source}">x</a>', values)) == [expected]


def test_tracking_codes_are_listed_once_in_order() -> None:
    body = '<a href="{trackingUrl:b}">1</a><a href="{trackingUrl:a}">2</a><a href="{trackingUrl:b}">3</a>'
    content, problems = compiled(body, tracking_codes=frozenset({"a", "b"}))
    assert content.links == ("b", "a") and problems == []


def test_unknown_tracking_code_is_an_error_with_its_line() -> None:
    content, problems = compiled('<p>x</p>\n<a href="{trackingUrl:zzz}">x</a>')
    assert [(str(problem), problem.line) for problem in problems] == [
        ("The tracking URL {trackingUrl:zzz} does not exist in this campaign.", 2)
    ]
    assert content.links == ()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:x",
        "java&#10;script:x",
        "java&#9;script:x",
        "&#1;javascript:x",
        "&#106;avascript:x",
        "vbscript:x",
        "data:text/html,x",
        "data:text/html;base64,x",
        "file:///etc/passwd",
        "ftp://x.example",
        "blob:https://x",
        "view-source:https://x",
        "ms-word:ofe|u|x",
        "sms:+1",
        "javascript&colon;x",
        "\u200bjavascript:x",
    ],
)
def test_forbidden_scheme_is_an_error_and_the_target_goes(url: str) -> None:
    content, problems = compiled(f'<p>\n<a href="{url}">x</a></p>')
    (problem,) = problems
    assert (problem.field, problem.severity, problem.line) == ("body", "error", 2)
    assert "forbidden scheme" in str(problem)
    assert hrefs(html_of(f'<a href="{url}">x</a>')) == []


def test_the_message_names_the_url() -> None:
    assert errors('<a href="javascript:alert(1)">x</a>') == ["The link “javascript:alert(1)” has a forbidden scheme."]


@pytest.mark.parametrize("url", ["page.html", "/page", "//cdn.example/x", "../x", "?a=1"])
def test_relative_link_is_a_warning(url: str) -> None:
    assert warnings(f'<a href="{url}">x</a>') == [f"The link “{url}” is relative: it leads nowhere in an email."]
    assert hrefs(html_of(f'<a href="{url}">x</a>')) == [url]


def test_forgotten_scheme_is_a_warning() -> None:
    assert warnings('<a href="www.example.com">x</a>') == [
        "The link “www.example.com” lacks https:// at its beginning."
    ]


def test_images_are_checked_too() -> None:
    assert warnings('<img src="http://x.example/a.png">') == [
        "The image “http://x.example/a.png” is not loaded over https.",
        "An image has no alternative text (alt).",
    ]
    assert warnings('<img src="a.png" alt="">') == ["The image “a.png” is relative: it is not shown in an email."]
    assert errors('<img src="javascript:x" alt="">') == ["The image “javascript:x” has a forbidden scheme."]
    assert warnings('<img src="cid:logo" alt="">') == []
