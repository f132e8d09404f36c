"""Changes between two texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.changes import Line, changed_lines

TEXT = st.lists(st.sampled_from(["", "a", "b", "a b", "<p>"]), max_size=12)


def test_changed_lines_stand_among_their_neighbours() -> None:
    lines = changed_lines("a\nb\nc", "a\nB\nc")
    assert lines[1:] == [Line("same", "a"), Line("removed", "b"), Line("added", "B"), Line("same", "c")]
    assert lines[0].kind == "gap"


def test_equal_texts_have_no_changes() -> None:
    assert changed_lines("a\nb", "a\nb") == []


@settings(deadline=None)
@given(TEXT, TEXT)
def test_with_all_lines_shown_both_texts_can_be_read_from_it(old: list[str], new: list[str]) -> None:
    lines = changed_lines("\n".join(old), "\n".join(new), around=100)
    if lines:
        read = [line for line in lines if line.kind != "gap"]
        assert [line.text for line in read if line.kind != "added"] == "\n".join(old).splitlines()
        assert [line.text for line in read if line.kind != "removed"] == "\n".join(new).splitlines()
    else:
        assert "\n".join(old).splitlines() == "\n".join(new).splitlines()
