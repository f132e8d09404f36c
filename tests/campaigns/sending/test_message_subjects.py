"""Subjects that were written once are written again: by what is in them, and by nothing else."""

from campaigns.content.content import Escape, Slot
from campaigns.sending.message import Skeleton
from campaigns.sending.places import MOST_KNOWN
from tests.campaigns.sending.message_parts import SENDER, content, parsed, person

NEWS = content(("News for ", Slot("name", "you", Escape.HEADER), ", ", Slot("today", escape=Escape.HEADER)))


def subject(skeleton: Skeleton, name: str, today: str = "Monday") -> str:
    return str(parsed(skeleton.build(person(merge={"name": name, "today": today})))["Subject"])


def test_each_value_of_a_subject_tells() -> None:
    skeleton = Skeleton(NEWS, SENDER)
    seen = [subject(skeleton, name, today) for _ in range(2) for name in ("Ana", "Zoë", "") for today in ("1", "2")]

    names = ["Ana", "Zoë", "you"]
    assert seen == [f"News for {name}, {today}" for _ in range(2) for name in names for today in ("1", "2")]


def test_a_day_that_is_filled_in_later_leaves_the_first_skeleton_alone() -> None:
    skeleton = Skeleton(NEWS, SENDER)
    on_monday, on_friday = skeleton.knowing({"today": "Monday"}), skeleton.knowing({"today": "Friday"})

    told = [subject(one, "Ana") for one in (on_monday, on_friday, on_monday, skeleton)]

    assert told == [f"News for Ana, {day}" for day in ("Monday", "Friday", "Monday", "Monday")]


def test_more_names_than_are_remembered_are_all_right() -> None:
    skeleton = Skeleton(NEWS, SENDER)
    names = [f"Ana{number}" for number in range(MOST_KNOWN + 5)]
    for name in names:
        skeleton.build(person(merge={"name": name, "today": "Monday"}))

    assert [subject(skeleton, name) for name in (names[0], names[-1])] == [
        f"News for {name}, Monday" for name in (names[0], names[-1])
    ]
