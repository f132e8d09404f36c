"""Progress of background work: for its owner and for administrators."""

from django.test import Client

from crm.models import BackgroundTask, TaskStatus, User


def task(owner: User, **fields: object) -> BackgroundTask:
    return BackgroundTask.objects.create(kind="import", title="Import", owner=owner, done=30, total=100, **fields)


def test_a_running_task_is_watched_and_a_finished_one_is_not(as_marketer: Client, marketer: User) -> None:
    running = task(marketer, status=TaskStatus.RUNNING)
    url = running.get_absolute_url()
    assert 'hx-trigger="every 2s"' in as_marketer.get(url).content.decode()
    fragment = as_marketer.get(url, HTTP_HX_REQUEST="true")
    assert fragment.status_code == 200 and "<html" not in fragment.content.decode()
    BackgroundTask.objects.update(status=TaskStatus.SUCCESS, result_url="/contacts/")
    assert as_marketer.get(url, HTTP_HX_REQUEST="true").status_code == 286
    page = as_marketer.get(url).content.decode()
    assert "hx-trigger" not in page.split("<main")[1].split("</main>")[0] and 'href="/contacts/"' in page


def test_an_error_is_shown_escaped(as_marketer: Client, marketer: User) -> None:
    failed = task(marketer, status=TaskStatus.FAILED, error="row 7: <b>")
    assert "row 7: &lt;b&gt;" in as_marketer.get(failed.get_absolute_url()).content.decode()


def test_others_do_not_see_it(as_viewer: Client, as_administrator: Client, marketer: User) -> None:
    url = task(marketer).get_absolute_url()
    assert as_viewer.get(url).status_code == 404
    assert as_administrator.get(url).status_code == 200
