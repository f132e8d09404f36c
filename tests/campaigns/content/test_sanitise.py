"""DUTIES W7: nothing active passes. The judge is another parser (html5ever, the one browsers agree with)."""

import pytest

from tests.campaigns.content.compiling import active_content, html_of, soup, warnings

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://x.example/a.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<script>alert(1)",
    "<<script>alert(1)//<</script>",
    "</p><script>alert(1)</script>",
    "<scr</body>ipt>alert(1)</script>",
    "<script type=text/plain>x</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x OnErRoR=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    '<img src="x"onerror="alert(1)">',
    "<img src=x\x0conerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<image src=x onerror=alert(1)>",
    "<body onload=alert(1)>x",
    "<body onpageshow=alert(1)>x",
    "<html onclick=alert(1)><body>x",
    "<p onfocus=alert(1) tabindex=1 autofocus>x</p>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<div onpointerover=alert(1)>x</div>",
    "<x onanimationstart=alert(1) style=animation-name:x>y</x>",
    "<a onmouseover=alert(1)>x</a>",
    "<a href=x onclick=alert(1)>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><set onbegin=alert(1)></svg>",
    "<svg><foreignObject><iframe src=x></foreignObject></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=https://x.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=x.swf></object>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src=x.swf>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<portal src=https://x.example></portal>",
    "<form action=https://x.example><input name=a><button>go</button></form>",
    "<form action=javascript:alert(1)><input type=submit></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input onfocus=alert(1) autofocus>",
    "<input type=image src=x onerror=alert(1)>",
    "<select onfocus=alert(1)><option>x</select>",
    "<textarea onfocus=alert(1)>x</textarea>",
    "<keygen onfocus=alert(1)>",
    "<textarea></textarea><script>alert(1)</script>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<isindex action=javascript:alert(1)>",
    "<base href=https://evil.example/>",
    "<base target=_blank>",
    "<meta http-equiv=refresh content='0;url=https://x.example'>",
    "<meta http-equiv='&#82;efresh' content='0;url=javascript:alert(1)'>",
    "<meta http-equiv=set-cookie content=a=b>",
    "<meta http-equiv=content-security-policy content=x>",
    "<link rel=import href=https://x.example>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<link rel=stylesheet href=http://x.example/a.css>",
    "<link rel=preload href=https://x.example>",
    "<link rel='stylesheet import' href=https://x.example>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href='java&NewLine;script:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='{Person.name}javascript:alert(1)'>x</a>",
    "<a href='java{Person.name}script:alert(1)'>x</a>",
    "<area href=javascript:alert(1)>",
    "<img src=javascript:alert(1)>",
    "<img src='data:text/html,x'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='javascript:alert(1) 1x'>",
    "<img lowsrc=javascript:alert(1)>",
    "<img dynsrc=javascript:alert(1)>",
    "<table background=javascript:alert(1)><tr><td>x</table>",
    "<td background='javascript:alert(1)'>x",
    "<body background=javascript:alert(1)>x",
    "<blockquote cite=javascript:alert(1)>x</blockquote>",
    "<a ping=https://x.example href=https://y.example>x</a>",
    "<video><source onerror=alert(1)></video>",
    "<video src=x onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<video poster=javascript:alert(1)></video>",
    "<canvas onclick=alert(1)></canvas>",
    "<dialog open onclose=alert(1)>x</dialog>",
    "<style>@import 'javascript:alert(1)';</style>x",
    "<style>p{width:expression(alert(1))}</style>x",
    "<style></style><script>alert(1)</script></style>x",
    "<style><!--</style><script>alert(1)</script>--></style>x",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style=behavior:url(x)>x</p>",
    "<style>a{content:'</style><script>alert(1)</script>'}</style>x",
    "<title><script>alert(1)</script></title>x",
    "<title></title><script>alert(1)</script>x",
    "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>x",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<noframes><img title='</noframes><img src=x onerror=alert(1)>'></noframes>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
    "<!---><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<!-- -- ><script>alert(1)</script> -->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->x",
    "<!--[if mso]><img src=x onerror=alert(1)><![endif]-->x",
    "<!--[if mso]>--!><script>alert(1)</script><![endif]-->x",
    "<!--[if mso]><a href=javascript:alert(1)>x</a><![endif]-->x",
    "<!--[if mso]><p title='--!><script>alert(1)</script>'><![endif]-->x",
    "<!--[if mso]><style>--!><script>alert(1)</script></style><![endif]-->x",
    "<!--[if mso><script>alert(1)</script><![endif]-->x",
    "<!--[if <script>alert(1)</script>]>x<![endif]-->x",
    "<![if !mso]><script>alert(1)</script><![endif]>x",
    "<!--[if !mso]><!--><script>alert(1)</script><!--<![endif]-->x",
    "<!doctype html [<!ENTITY x '<script>'>]>&x;",
    '<!doctype "><script>alert(1)</script>">x',
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<?php <script>alert(1)</script> ?>x",
    "<![CDATA[<script>alert(1)</script>]]>x",
    "<!ELEMENT x><script>alert(1)</script>",
    '<p title="</p><script>alert(1)</script>">x</p>',
    "<p title='\"><script>alert(1)</script>'>x</p>",
    "<p {Person.name}onclick=alert(1)>x</p>",
    "<p title={Person.name} onclick=alert(1)>x</p>",
    "<{Person.name} onclick=alert(1)>x",
    "<a{b} onclick=alert(1)>x</a{b}>",
    "<p {a=1 onclick=alert(1)>x</p>",
    "<a<b onclick=alert(1)>x",
    "<p/onclick=alert(1)>x",
    "<p\ronclick=alert(1)>x",
    "<x:script>alert(1)</x:script>",
    "<html:script>alert(1)</html:script>",
    "<div hx-get=/x hx-trigger=load data-hx-on='x'>x</div>",
    "<a href=x data-x=1 hx-on:click=alert(1)>x</a>",
    "<p is=x-y slot=z part=q>x</p>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_passes(payload: str) -> None:
    out = html_of(f"<p>before</p>{payload}<p>after</p>", {"Person.name": "x onload=alert(1)"})
    assert active_content(out) == []
    assert "hx-" not in out and "http-equiv" not in out.lower()


@pytest.mark.parametrize(
    "wrapper",
    [
        "<table>{}</table>",
        "<table><tr><td>{}</td></tr></table>",
        "<ul><li>{}",
        "<a href=x>{}</a>",
        "<svg>{}</svg>",
        "<select>{}",
    ],
)
@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<style><img src=x onerror=alert(1)></style>",
        "<iframe src=x>",
    ],
)
def test_nothing_active_passes_in_other_surroundings(wrapper: str, payload: str) -> None:
    assert active_content(html_of(wrapper.format(payload) + "x")) == []


def test_the_judge_knows_active_content_when_it_sees_it() -> None:
    assert active_content("<script>x</script>") == ["script"]
    assert active_content("<img src=x onerror=y>") == ["img[onerror]"]
    assert active_content("<a href=' java\tscript:x'>x</a>")
    assert sum(1 for payload in PAYLOADS if active_content(payload)) > len(PAYLOADS) // 2


def test_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 150


def test_text_around_active_content_stays() -> None:
    assert (
        soup(html_of("a<script>x</script>b<form>c<button>d</button></form>e<custom>f</custom>g")).get_text("").strip()
        == "abcdefg"
    )


def test_the_author_is_told_what_went_and_where() -> None:
    assert warnings("<p>x</p>\n<script>x</script><p onclick=x>y</p>") == [
        "<script> does not work in email and is removed.",
        "The attribute onclick does not work in email and is removed.",
    ]


def test_tags_of_word_processors_go_silently() -> None:
    assert warnings("<p>x<o:p></o:p></p>") == []


@pytest.mark.parametrize(
    "markup",
    [
        '<table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0" align="center">',
        '<table bgcolor="#ffffff" dir="ltr">',
        '<td valign="top" colspan="2" height="20" background="https://x.example/a.png">',
        '<img src="https://x.example/a.png" alt="A" width="600" border="0">',
        '<font face="Arial" size="2" color="#333333">',
        '<p dir="rtl" lang="ar" class="a b" id="c" title="t" aria-label="l">',
        '<p style="mso-line-height-rule:exactly;line-height:20px">',
        '<meta name="viewport" content="width=device-width">',
        '<meta name="color-scheme" content="light dark">',
        '<link rel="stylesheet" href="https://fonts.example/css?family=A&amp;display=swap">',
    ],
)
def test_markup_of_email_survives_letter_by_letter(markup: str) -> None:
    head = markup if markup.startswith(("<meta", "<link")) else ""
    inner = "" if head else f"<tr>{markup}x</tr>" if markup.startswith("<td") else f"{markup}x"
    inner = f"<table>{inner}</table>" if markup.startswith("<td") else inner
    assert markup in html_of(f"<html><head>{head}</head><body>{inner}y</body></html>")
