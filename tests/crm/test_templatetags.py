"""The tags of {% load herald %}."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from crm.lists import Column


def shown(source: str, path: str = "/", **values: object) -> str:
    request = RequestFactory().get(path)
    context = RequestContext(request, values)
    return Template("{% load herald %}" + source).render(context)


def test_icon_is_decoration_from_the_sprite() -> None:
    assert shown('{% icon "home" %}') == (
        '<svg class="i" aria-hidden="true"><use href="/static/build/icons.svg#home"/></svg>'
    )


def test_status_takes_word_and_tone_from_the_row() -> None:
    row = SimpleNamespace(get_status_display=lambda: "In <Process>", status_tone="warning", status_is_live=True)
    assert shown("{% status row %}", row=row) == '<span class="pill t-warning live">In &lt;Process&gt;</span>'


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ines Rocha", "IR"),
        ("acme", "AC"),
        ("Ana de la Cruz", "AC"),
        ("ann.bo@y.z", "AB"),
        ("=SUM(A1) Formula", "SF"),
        ("東風 公司", "東公"),
        ("…", ""),
    ],
)
def test_avatar_shows_initials(name: str, initials: str) -> None:
    assert shown("{% avatar name %}", name=name).endswith(f">{initials}</span>")


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(seconds=40), "in less than a minute"),
        (timedelta(minutes=-5), "5\xa0minutes ago"),
        (timedelta(hours=3, minutes=1), "in 3\xa0hours"),
        (timedelta(days=-3), "3\xa0days ago"),
    ],
)
def test_when_is_relative_within_a_week(away: timedelta, words: str) -> None:
    assert f">{words}</time>" in shown("{% when moment %}", moment=timezone.now() + away)


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ((22, 10, 0), (24, 9, 59), "in 2\xa0days"),  # 47 hours and 59 minutes ahead
        ((22, 10, 0), (23, 10, 0), "in 1\xa0day"),
        ((22, 10, 0), (23, 9, 59), "in 23\xa0hours"),
        ((22, 10, 0), (29, 9, 0), "in 1\xa0week"),
        ((24, 9, 59), (22, 10, 0), "2\xa0days ago"),
        ((22, 23, 0), (21, 22, 0), "1\xa0day ago"),
    ],
)
def test_days_are_counted_by_the_calendar(
    here: tuple[int, ...], there: tuple[int, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, moment = (datetime(2026, 11, *at, tzinfo=UTC) for at in (here, there))
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    assert f">{words}</time>" in shown("{% when moment %}", moment=moment)


def test_when_is_a_date_with_its_hour_where_it_is_exact() -> None:
    moment = timezone.now() + timedelta(minutes=5)
    with translation.override("en"):
        page = shown("{% when moment is_exact=True %}", moment=moment)
    assert f"{timezone.localtime(moment):%H:%M}</time>" in page


def test_when_gives_the_full_moment_in_the_readers_zone() -> None:
    moment = datetime(2020, 1, 1, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Madrid"):
        page = shown("{% when moment %}", moment=moment)
    assert 'datetime="2020-01-02T00:30:00+01:00"' in page
    assert 'title="2 Jan 2020, 00:30"' in page


def test_when_takes_days_and_nothing() -> None:
    assert shown("{% when day %}", day=date(2020, 1, 2)) == '<time datetime="2020-01-02">2 Jan 2020</time>'
    assert shown("{% when day %}", day=None) == "—"


def test_numbers_follow_the_language() -> None:
    with translation.override("en"):
        assert shown("{% number n %} {{ n|number }}", n=12480) == "12,480 12,480"
        assert shown("{{ part|percent_of:whole }}", part=1, whole=3) == "33.3%"
    with translation.override("es"):
        assert shown("{% number n %}", n=12480) == "12\xa0480"
        assert shown("{{ part|percent_of:whole }}", part=1, whole=3) == "33,3%"


def test_a_share_of_nothing_is_a_dash() -> None:
    assert shown("{{ part|percent_of:whole }}", part=1, whole=0) == "—"


def test_menu_ties_button_and_popover_together() -> None:
    page = shown(
        '{% menu 7 label %}<a role="menuitem" href="#">{{ word }}</a>{% endmenu %}', label="Actions for A&B", word="<b>"
    )
    assert 'popovertarget="menu-7"' in page
    assert '<div class="menu" id="menu-7" popover role="menu" aria-label="Actions for A&amp;B">' in page
    assert '<a role="menuitem" href="#">&lt;b&gt;</a></div>' in page


def test_menu_post_is_a_form_with_token() -> None:
    page = shown('{% menu_post "/x/" "Opt Out" "user-off" name="flag" value="opt_out" %}')
    assert '<form method="post" action="/x/">' in page
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{64}"', page)
    assert '<button role="menuitem" name="flag" value="opt_out">' in page


def test_copy_escapes_what_it_copies() -> None:
    assert "<code>{trackingUrl:1}&lt;</code>" in shown("{% copy text %}", text="{trackingUrl:1}<")


def test_empty_holds_its_action() -> None:
    page = shown('{% empty "No campaigns" "Why" %}<a href="/new/">New</a>{% endempty %}')
    assert "<h2>No campaigns</h2><p>Why</p>" in page
    assert '<div class="btns"><a href="/new/">New</a></div>' in page


@pytest.mark.parametrize(("content", "look"), [("Spain", "wide"), (" — ", "wide bare"), ("\n", "wide bare")])
def test_a_cell_tells_whether_it_has_a_value(content: str, look: str) -> None:
    told = shown(
        "{% cell column %}{{ content }}{% endcell %}", column=Column("x", "A < B", look="wide"), content=content
    )
    assert told == f'<td role="cell" data-label="A &lt; B" class="{look}">{content}</td>'
    assert shown("{% cell column %}<b>1</b>{% endcell %}", column=Column("x", "X")) == (
        '<td role="cell" data-label="X"><b>1</b></td>'
    )


def test_query_with_keeps_the_rest() -> None:
    assert shown("{% query_with page=2 q=None %}", "/?q=a&sort=b%26c&page=1") == "?sort=b%26c&amp;page=2"


def test_pager_says_which_rows_and_links_pages() -> None:
    page = shown("{% pager page %}", "/?q=x&page=2", page=Paginator(range(50), 20).page(2))
    assert "21–40 of 50" in page
    assert 'href="?q=x&amp;page=3" rel="next"' in page
    assert 'aria-current="page"' in page
    assert "hx-get" not in page


def test_pager_of_one_page_has_no_links_and_of_none_says_so() -> None:
    assert "<nav" not in shown("{% pager page %}", page=Paginator(range(3), 20).page(1))
    assert "Nothing found" in shown("{% pager page %}", page=Paginator([], 20).page(1))


def test_tags_need_no_request_but_for_queries() -> None:
    assert Template("{% load herald %}{% pill 'Draft' 'muted' %}").render(Context({})) == (
        '<span class="pill t-muted">Draft</span>'
    )
