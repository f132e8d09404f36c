"""DUTIES W8: a template is data. No payload reaches an engine; it is sent literally or refused with an error."""

import html

import pytest

from tests.campaigns.content.compiling import compiled, errors, html_of, text_of

PAYLOADS = [
    "{{7*7}}",
    "{{7*'7'}}",
    "{{config}}",
    "{{settings.SECRET_KEY}}",
    "{{ settings.SECRET_KEY }}",
    "{{request}}",
    "{{request.user.password}}",
    "{{self}}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{{().__class__}}",
    "{{lipsum.__globals__['os'].popen('id').read()}}",
    "{{cycler.__init__.__globals__}}",
    "{{url_for.__globals__}}",
    "{% include '/etc/passwd' %}",
    '{% include "x" %}',
    "{% debug %}",
    "{% load log %}",
    "{% csrf_token %}",
    "{% extends 'base.html' %}",
    "{% for x in y %}{% endfor %}",
    "{% import os %}",
    "{%raw%}x{%endraw%}",
    "{# comment #}",
    "${7*7}",
    "${T(java.lang.Runtime).getRuntime().exec('id')}",
    "#{7*7}",
    "*{7*7}",
    "@{7*7}",
    "~{7*7}",
    "<%= 7*7 %>",
    "<%= system('id') %>",
    "<%- include('/etc/passwd') %>",
    "[[7*7]]",
    "[%7*7%]",
    "{php}phpinfo();{/php}",
    "{$smarty.version}",
    "{7*7}",
    "{0.__class__}",
    "{!r}",
    "{:>10}",
    "{Person.__class__}",
    "{Person.firstName.__class__}",
    "{settings.SECRET_KEY}",
    "{env.PATH}",
    "{{ .Env.SECRET }}",
    '{{ env "SECRET" }}',
    "{{range .}}{{end}}",
    "%(name)s",
    "{{= 7*7 }}",
    "{{{7*7}}}",
    "#set($x=7*7)$x",
    '{@math key="7" method="multiply"}',
    "{{constructor.constructor('x')()}}",
]
VALUES = {"Person.firstName": "Jane", "Person.name": "Jane Doe"}


def visible(text: str) -> str:
    return html.unescape(text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_in_the_template_stays_literal(payload: str) -> None:
    as_text = html.escape(payload, quote=False)
    assert payload in visible(html_of(f"<p>a {as_text} b</p>", VALUES))
    assert payload in text_of("", VALUES, text=f"a {payload} b")
    content, _problems = compiled("<p>x</p>", subject=f"a {payload} b")
    assert "".join(str(piece) for piece in content.subject) == f"a {payload} b"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_in_a_value_stays_literal(payload: str) -> None:
    values = {"Person.firstName": payload}
    assert payload in visible(html_of("<p>{Person.firstName}</p>", values))
    assert payload in text_of("<p>{Person.firstName}</p>", values)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_in_a_fallback_is_never_evaluated(payload: str) -> None:
    assert "49" not in html_of(f"<p>{{Person.firstName|{payload}}}</p>")


def test_names_that_look_like_placeholders_are_refused() -> None:
    assert errors("<p>{settings.SECRET_KEY}</p>") == ["Unknown placeholder {settings.SECRET_KEY}."]
    assert errors("<p>{Person.__class__}</p>")
