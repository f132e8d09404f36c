"""Sandbox mail: readable by everybody who is signed in, harmless whatever the mail contains."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from crm.mail.sandbox.keeper import Keeper
from crm.models import AuditEntry, EmailAccount, SavedFilter, User
from tests.factories import EmailAccountFactory

MAIL = b"""From: Acme <news@acme.example.com>\r
To: ines@rocha.example.com\r
Subject: =?utf-8?q?Oto=C3=B1o?= <script>\r
X-Evil: <img src=x onerror=alert(1)>\r
MIME-Version: 1.0\r
Content-Type: multipart/related; boundary=b\r
\r
--b\r
Content-Type: multipart/alternative; boundary=a\r
\r
--a\r
Content-Type: text/plain; charset=utf-8\r
\r
Dear Ines, see https://shop.example.com/demo <script>alert(2)</script>\r
--a\r
Content-Type: text/html; charset=utf-8\r
\r
<!doctype html><html><head><title>x</title></head><body><script>alert(3)</script>\
<a href="https://shop.example.com/demo">Demo</a><img src="cid:logo@acme"></body></html>\r
--a--\r
--b\r
Content-Type: image/png\r
Content-ID: <logo@acme>\r
Content-Transfer-Encoding: base64\r
\r
iVBORw0KGgo=\r
--b\r
Content-Type: text/html; name="evil.html"\r
Content-Disposition: attachment; filename="evil.html"\r
\r
<script>alert(4)</script>\r
--b--\r
"""

Keep = Callable[..., str]


@pytest.fixture
def keep() -> Keep:
    def kept(data: bytes = MAIL, recipient: str = "ines@rocha.example.com", behaviour: str = "") -> str:
        return Keeper().keep("bounce+x@acme.example.com", [recipient], behaviour, data)

    return kept


@pytest.mark.parametrize("role", ["as_viewer", "as_marketer", "as_administrator"])
def test_every_role_reads_the_messages(request: pytest.FixtureRequest, keep: Keep, role: str) -> None:
    client: Client = request.getfixturevalue(role)
    key = keep()
    assert "ines@rocha.example.com" in client.get("/sandbox/").content.decode()
    page = client.get(f"/sandbox/{key}/").content.decode()
    assert "Otoño &lt;script&gt;" in page and "bounce+x@acme.example.com" in page
    assert f'src="/sandbox/{key}/html/"' in page and 'sandbox="allow-popups' in page


def test_strangers_see_nothing(client: Client, keep: Keep, db: None) -> None:
    key = keep()
    for url in ("/sandbox/", f"/sandbox/{key}/", f"/sandbox/{key}/html/", f"/sandbox/{key}/0/"):
        assert client.get(url)["Location"].startswith("/login/")


def test_the_html_comes_with_a_policy_of_its_own_and_links_open_a_new_tab(as_viewer: Client, keep: Keep) -> None:
    key = keep()
    response = as_viewer.get(f"/sandbox/{key}/html/")
    assert response["Content-Security-Policy"].startswith("default-src 'none'; img-src 'self' data:;")
    assert response["Content-Security-Policy"].endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    html = response.content.decode()
    assert '<html><head><base target="_blank"><title>' in html
    assert f'<img src="/sandbox/{key}/0/">' in html


def test_text_source_and_headers_are_escaped(as_viewer: Client, keep: Keep) -> None:
    key = keep()
    text = as_viewer.get(f"/sandbox/{key}/?tab=text").content.decode()
    assert '<a href="https://shop.example.com/demo"' in text
    for tab in ("text", "source", "headers"):
        page = as_viewer.get(f"/sandbox/{key}/?tab={tab}").content.decode()
        assert "<script>alert" not in page and "onerror=alert(1)>" not in page
    assert "X-Evil" in page


def test_pictures_are_shown_and_everything_else_is_downloaded(as_viewer: Client, keep: Keep) -> None:
    key = keep()
    picture, page = as_viewer.get(f"/sandbox/{key}/0/"), as_viewer.get(f"/sandbox/{key}/1/")
    assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert page["Content-Type"] == "application/octet-stream"
    assert page["Content-Disposition"] == 'attachment; filename="evil.html"'


@pytest.mark.parametrize("path", ["{}/2/", "{}/-1/", "{}/x/", "nothing/", "00000000000000000000-000000/html/"])
def test_what_is_not_kept_is_not_found(as_viewer: Client, keep: Keep, path: str) -> None:
    assert as_viewer.get(f"/sandbox/{path.format(keep())}").status_code == 404


def test_a_message_without_html_opens_as_text(as_viewer: Client, keep: Keep) -> None:
    key = keep(b"Subject: plain\r\n\r\nHello\r\n")
    page = as_viewer.get(f"/sandbox/{key}/?tab=html").content.decode()
    assert "<iframe" not in page and "Hello" in page


def test_messages_are_searched_and_paged(as_viewer: Client, keep: Keep) -> None:
    for number in range(55):
        keep(f"Subject: number {number}\r\n\r\nx\r\n".encode(), f"p{number}@example.com")
    page = as_viewer.get("/sandbox/").content.decode()
    assert page.index("p54@example.com") < page.index("p53@example.com")
    assert "p0@example.com" not in page and "p0@example.com" in as_viewer.get("/sandbox/?page=2").content.decode()
    found = as_viewer.get("/sandbox/?q=number+7").content.decode()
    assert "p7@example.com" in found and "p54@example.com" not in found


def test_the_page_names_the_addresses_that_misbehave(as_viewer: Client) -> None:
    page = as_viewer.get("/sandbox/").content.decode()
    assert "bounce-hard@example.com" in page and "greylist@example.com" in page
    assert "All mail ends here" in page


def test_the_page_says_when_the_sandbox_stands_aside(as_viewer: Client) -> None:
    EmailAccount.objects.filter(is_sandbox=True).update(is_system=False)
    assert "nothing can be sent" in as_viewer.get("/sandbox/").content.decode()
    EmailAccountFactory.create(name="Acme", is_system=True)
    assert "“Acme” is the system account" in as_viewer.get("/sandbox/").content.decode()


def test_viewers_delete_nothing(as_viewer: Client, keep: Keep) -> None:
    keep()
    assert as_viewer.post(reverse("crm:sandbox_delete_all")).status_code == 403
    assert as_viewer.post("/sandbox/").status_code == 405
    assert "ines@rocha.example.com" in as_viewer.get("/sandbox/").content.decode()


def test_marketers_delete_all(as_marketer: Client, keep: Keep) -> None:
    keep()
    assert as_marketer.get("/sandbox/delete-all/").status_code == 405
    assert as_marketer.post("/sandbox/delete-all/").status_code == 302
    assert "No mail yet" in as_marketer.get("/sandbox/").content.decode()
    assert AuditEntry.objects.get().changes == {"number": 1}


def test_selected_messages_are_removed_by_marketers_alone(as_viewer: Client, as_marketer: Client, keep: Keep) -> None:
    kept, gone = keep(recipient="stays@example.com"), keep(recipient="goes@example.com")
    url = reverse("crm:sandbox_remove")
    assert as_viewer.post(url, {"selected": gone}).status_code == 403
    assert 'name="selected"' not in as_viewer.get("/sandbox/").content.decode()
    answer = as_marketer.post(url, {"selected": gone, "query": "q=goes"})
    assert answer["Location"] == "/sandbox/?q=goes"
    page = as_marketer.get("/sandbox/").content.decode()
    assert kept in page and gone not in page
    as_marketer.post(url, {"selected": "../../secret"})
    as_marketer.post(url, {"scope": "all", "query": "show=misbehaving"})
    assert kept in as_marketer.get("/sandbox/").content.decode()


def test_messages_are_narrowed_by_behaviour_and_day_and_sorted(as_viewer: Client, keep: Keep) -> None:
    hard, soft, fine = keep(behaviour="bounce-hard"), keep(behaviour="bounce-soft"), keep(recipient="a@example.com")

    def shown(query: str) -> list[str]:
        return [line.row.key for line in as_viewer.get(f"/sandbox/?{query}").context["list"].lines()]

    assert shown("") == [fine, soft, hard]
    assert shown("show=misbehaving") == [soft, hard]
    assert shown("behaviour=bounce-hard") == [hard]
    assert shown("sort=recipient")[0] == fine
    assert shown("sort=at") == [hard, soft, fine]
    assert shown("since=2001-01-01") == [fine, soft, hard] and shown("until=2001-01-01") == []
    assert shown("since=2026-02-31") == shown("since=x") == [fine, soft, hard]


def test_the_rare_ones_are_counted_once_the_page_stands(as_viewer: Client, keep: Keep) -> None:
    keep(behaviour="bounce-hard")
    keep()
    page = as_viewer.get("/sandbox/")
    assert [chip.count for chip in page.context["list"].shown_chips()] == [2, None]
    late = as_viewer.get("/sandbox/", headers={"HX-Request": "true", "HX-Target": "list-ready"})
    assert [chip.count for chip in late.context["list"].shown_chips()] == [2, 1]


def test_filters_of_messages_are_saved_and_counted(as_viewer: Client, viewer: User, keep: Keep) -> None:
    keep(behaviour="bounce-hard")
    keep()
    SavedFilter.objects.create(owner=viewer, list_key="sandbox", name="Hard ones", query="behaviour=bounce-hard")
    part = as_viewer.get("/sandbox/", headers={"HX-Request": "true", "HX-Target": "list-saved"})
    assert "Hard ones" in part.content.decode() and '<span class="n">1</span>' in part.content.decode()
