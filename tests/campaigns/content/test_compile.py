import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.compile import Draft, Options, compile_content
from campaigns.content.content import Content, Escape, Slot, render
from tests.campaigns.content.compiling import (
    SCHEMA,
    active_content,
    answering,
    compiled,
    errors,
    html_of,
    soup,
    text_of,
    warnings,
)
from tests.examples import examples

SAMPLE = "<html><head><style>p{color:red}</style></head><body><p>Hi {Person.firstName|there}</p></body></html>"


def test_value_and_fallback_in_both_parts() -> None:
    assert "Hi Jane</p>" in html_of(SAMPLE, {"Person.firstName": "Jane"})
    assert "Hi there</p>" in html_of(SAMPLE)
    assert text_of(SAMPLE) == "Hi there\n"


def test_every_place_gets_its_escape() -> None:
    body = (
        '<p title="{Person.name}">{Person.name}</p><a href="{Contact.website}">a</a>'
        '<a href="https://x.example/?q={Person.name}">b</a><img alt="" src="{Contact.website}/logo.png">'
    )
    content, _problems = compiled(body, subject="{Person.name}", preview_text="{Person.name}")
    assert content.html is not None
    slots = [(piece.name, piece.escape) for piece in content.html if isinstance(piece, Slot)]
    assert slots == [
        ("Person.name", Escape.HTML),
        ("Person.name", Escape.HTML),
        ("Person.name", Escape.HTML),
        ("Contact.website", Escape.LINK),
        ("Person.name", Escape.URL),
        ("Contact.website", Escape.LINK),
    ]
    assert content.subject == (Slot("Person.name", escape=Escape.HEADER),)
    assert [p.escape for p in content.text if isinstance(p, Slot)] == [Escape.TEXT, Escape.TEXT, Escape.URL]


def test_doctype_conditional_comments_and_media_queries_stay() -> None:
    doctype = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">'
    )
    head = "<style>@media (max-width:600px){p{color:red}}</style>"
    comment = "<!--[if mso]><table><tr><td><![endif]-->"
    out = html_of(f"{doctype}<html><head>{head}</head><body>{comment}<p>x</p></body></html>")
    assert out.startswith(doctype)
    assert comment in out
    assert "@media (max-width:600px){p{color:red !important}}" in out


def test_text_behind_the_end_of_the_body_is_not_lost() -> None:
    assert "after" in html_of("<html><body><p>a</p></body></html><p>after</p>")


def test_fragment_gets_a_document_around_it() -> None:
    out = html_of("<p>Hola</p>", language="es")
    assert out.startswith("<!DOCTYPE html>")
    assert soup(out).html["lang"] == "es"  # type: ignore[index]
    assert soup(out).find("meta", charset="utf-8")


def test_foreign_character_set_declarations_are_replaced() -> None:
    out = html_of('<html><head><meta charset="iso-8859-1"><meta http-equiv="Content-Type" content="x"></head><body>é')
    assert out.count("<meta") == 1 and "é" in out


@pytest.mark.parametrize(
    "body",
    [
        "&#123;Person.name}",
        "&lbrace;Person.name&rbrace;",
        "<p title='&#123;Person.name}'>x</p>",
        "{ Person.name }",
        "<!--[if mso]>&#123;Person.name}<![endif]-->x",
        "<!-- c -->&#x7b;Person.name}",
    ],
)
def test_raw_braces_of_a_known_placeholder_never_remain(body: str) -> None:
    out = html_of(body, {"Person.name": "Jane"})
    assert "Jane" in out and "Person.name" not in out


def test_entities_in_a_fallback_are_characters() -> None:
    assert "<p>José &amp; Co</p>" in html_of("<p>{Person.name|Jos&eacute; & Co}</p>")


def test_angle_brackets_around_a_placeholder_are_text() -> None:
    assert "&lt;a@b.example&gt;" in html_of("Mail <{Person.emailAddress}>", {"Person.emailAddress": "a@b.example"})


def test_private_use_characters_of_the_author_survive() -> None:
    assert "\ue000" in html_of("<p>\ue000 {Person.name}</p>")


def test_forged_marks_do_not_become_placeholders() -> None:
    assert "Jane" not in html_of("<p>&#xe000;0&#xe000;</p>", {"Person.name": "Jane"})


def test_unknown_placeholder_names_line_and_suggestion() -> None:
    _content, problems = compiled("<p>\n\n{Person.firstname}</p>")
    (problem,) = problems
    assert (problem.field, problem.severity, problem.line) == ("body", "error", 3)
    assert str(problem) == "Unknown placeholder {Person.firstname}. Did you mean {Person.firstName}?"


def test_unknown_placeholder_without_a_near_name() -> None:
    assert errors("{zzz}") == ["Unknown placeholder {zzz}."]


def test_unknown_placeholder_in_each_field() -> None:
    _content, problems = compiled("<p>x</p>", subject="{zzz}", preview_text="{zzz}", text="{zzz}")
    assert sorted(problem.field for problem in problems) == ["preview_text", "subject", "text"]


def test_double_braces_around_a_known_name_are_pointed_out() -> None:
    assert errors("{{Person.firstName}}") == ["Write {Person.firstName} with one pair of braces."]


def test_double_braces_around_an_unknown_name_stay_with_a_warning() -> None:
    assert "{{contact.name}}" in html_of("{{contact.name}}")
    assert warnings("{{contact.name}}") == ["{{contact.name}} is not a placeholder and is sent as it stands."]


def test_formatting_inside_a_placeholder_is_an_error() -> None:
    assert errors("<p>{Person.<b>firstName</b>}</p>") == [
        "Formatting inside {Person.firstName} keeps it from being replaced."
    ]


def test_placeholder_in_a_style_is_an_error() -> None:
    assert errors('<p style="color:{Person.name}">x</p>') == ["A placeholder cannot stand inside a style."]
    assert errors("<style>p{color:{Person.name}}</style>x") == ["A placeholder cannot stand inside a style."]


def test_plain_text_template_has_no_html() -> None:
    content, problems = compiled("", text="Hi {Person.name},\r\nhttps://x.example/?a=1&b=2\r\n")
    assert content.html is None and not problems
    assert render(content.text, answering({"Person.name": "Jane"})) == "Hi Jane,\nhttps://x.example/?a=1&b=2\n"


def test_own_text_is_taken_instead_of_the_derived() -> None:
    assert text_of("<p>HTML</p>", text="Own\n\n\n  words") == "Own\n\n\n  words\n"


@pytest.mark.parametrize(
    "body", ["", "   ", "<p></p>", "<!-- x -->", "<style>p{color:red}</style>", "<script>x</script>"]
)
def test_empty_body(body: str) -> None:
    assert errors(body) == ["The template has no body."]


def test_an_image_is_a_body() -> None:
    assert errors('<img src="https://x.example/a.png" alt="">') == []


def test_compiling_is_deterministic() -> None:
    draft = Draft("S", "P", SAMPLE + "<a href='{trackingUrl:abc}'>x</a>{zzz}")
    options = Options(schema=SCHEMA, tracking_codes=frozenset({"abc"}), open_pixel=True)
    first, second = compile_content(draft, options), compile_content(draft, options)
    assert first[0] == second[0]
    assert [str(problem) for problem in first[1]] == [str(problem) for problem in second[1]]


@pytest.mark.parametrize(
    "body",
    [
        "<p><title>x</title>&#1;y</p>",
        "<p {a=b>x</p>",
        "<a{b} {c>x</a{b}>",
        "&#1;&#xffff;&#xd800;x",
        '<p title="&#1;{Person.name}&#123;Person.name}" style="color:&#1;red">x</p>',
        "<style>p{color:\\1 red}</style><p>x</p>",
        "\0\ud800<p>x",
    ],
)
def test_odd_characters_and_names_do_not_break_the_compiler(body: str) -> None:
    out = html_of(body, open_pixel=True, preview_text="p")
    assert "x" in out and "\1" not in out and "\0" not in out
    out.encode()


BITS = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "<!--",
        "-->",
        "[if mso]>",
        "<![endif]",
        "<style>",
        "</style>",
        "{Person.name}",
        "{optOutUrl}",
        "{optOutLink}",
        "{trackingUrl:abc}",
        "{zzz}",
        "{{",
        "}}",
        "&#123;",
        "&#1;",
        "&#xd800;",
        "\0",
        "\ud800",
        "\uffff",
        "href=",
        "src=",
        '"',
        "'",
        "javascript:",
        "<a ",
        "<p>",
        "<table>",
        "<tr>",
        "<li>",
        "<svg>",
        "<math>",
        "<title>",
        "<textarea>",
        "<select>",
        "<template>",
        "<img onerror=x ",
        "<p {a=b>",
        "style=",
        "@media",
        "p{",
        "}",
        "/*",
        "\\",
        "<pre>",
        "<!doctype html>",
        "<body>",
        "<head>",
        "\n",
        " ",
        "é",
        "😀",
        "<![CDATA[",
        "&",
        "url(",
        ":",
        ";",
    ]
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(BITS | st.text(max_size=5), max_size=40).map("".join))
def test_no_text_breaks_the_compiler(text: str) -> None:
    options = Options(schema=SCHEMA, tracking_codes=frozenset({"abc"}), open_pixel=True)
    content, _problems = compile_content(Draft(text[:40], text[:80], text, text[:9]), options)
    assert Content.from_json(json.loads(json.dumps(content.as_json()))) == content
    for part in (content.subject, content.html or (), content.text):
        out = render(part, lambda name: "<script>alert(1)</script>{Person.name}")
        out.encode()
    out = render(content.html or (), lambda name: "<script>alert(1)</script>")
    assert "{Person.name}" not in out
    assert active_content(out) == []
