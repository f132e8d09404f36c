import pytest

from tests.campaigns.content.compiling import answering, html_of

UNCHANGED = [
    '<!--[if mso]><table width="600"><tr><td><![endif]-->',
    "<!--[if mso]></td></tr></table><![endif]-->",
    "<!--[if !mso]><!-->x<!--<![endif]-->",
    "<!--[if (gte mso 9)|(IE)]><table><tr><td><![endif]-->",
    "<!--[if mso | IE]><td></td><![endif]-->",
    "<![if !mso]>x<![endif]>",
    "<!--[if mso]><style>td{font-family:Arial}</style><![endif]-->",
    "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch>"
    "</o:OfficeDocumentSettings></xml><![endif]-->",
    '<!--[if mso]><v:roundrect xmlns:v="urn:schemas-microsoft-com:vml" href="https://x.example/?a=1&amp;b=2" '
    'arcsize="10%" stroke="f" fillcolor="#336699"><w:anchorlock/><center>Go</center></v:roundrect><![endif]-->',
    '<!--[if mso]><v:rect><v:fill type="tile" src="https://x.example/a.png"/><v:textbox inset="0,0,0,0"><![endif]-->',
]


@pytest.mark.parametrize("comment", UNCHANGED)
def test_conditional_comment_survives_letter_by_letter(comment: str) -> None:
    assert comment in html_of(f"<html><body><p>a</p>{comment}<p>b</p></body></html>")


def test_comment_in_front_of_the_document_survives() -> None:
    assert "<!--[if IE]>x<![endif]-->" in html_of("<!--[if IE]>x<![endif]--><html><body>y</body></html>")


@pytest.mark.parametrize(
    "comment", ["<!-- note to self -->", "<!-- {Person.name} -->", "<!--[if mso]> never closed -->"]
)
def test_other_comments_stay_at_home(comment: str) -> None:
    assert "<!--" not in html_of(f"<p>a</p>{comment}<p>b</p>")


def test_placeholders_in_outlook_buttons_are_filled() -> None:
    body = '<!--[if mso]><v:rect href="{trackingUrl:abc}"><center>{Person.name}</center></v:rect><![endif]-->x'
    out = html_of(body, {"Person.name": "<J>"})
    assert f'<v:rect href="{answering()("trackingUrl:abc")}"><center>&lt;J&gt;</center></v:rect>' in out


def test_active_things_in_comments_go() -> None:
    out = html_of(
        '<!--[if mso]><v:rect onclick="x" href="javascript:x"><script>x</script><p onload=x>y</p><![endif]-->z'
    )
    assert "<!--[if mso]><v:rect>x<p>y</p><![endif]-->" in out
