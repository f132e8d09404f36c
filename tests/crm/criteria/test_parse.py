"""What is wrong with a filter is said, with its place; nothing is left out in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.criteria import CriteriaError, Field, Fields, Kind, Part, keyed, parse, parse_text, to_json
from crm.criteria.parse import DEEPEST, MOST_CONDITIONS
from crm.criteria.where import NONE


def field(key: str, kind: Kind, **more: Any) -> Field:
    return Field(key, key.title(), kind, lambda operator, value: NONE, **more)


FIELDS: Fields = keyed([
    field("name", Kind.TEXT),
    field("size", Kind.NUMBER),
    field("day", Kind.DATE),
    field("colour", Kind.CHOICE, options=lambda: [("red", "Red"), ("blue", "Blue")]),
    field("state", Kind.CHOICE, options=lambda: [("a", "A")], operators=("any",)),
    field("account", Kind.RECORD),
    field("clicked", Kind.EVENT, parts=(Part("Campaign", lambda: [("1", "Launch")]), Part("Days"))),
])  # fmt: skip
GOOD = [
    ["name", "contains", "roc"],
    ["name", "empty"],
    ["size", "between", [1, 2.5]],
    ["day", "on", "2026-02-28"],
    ["day", "last_days", 30],
    ["colour", "none", ["red", "blue"]],
    ["account", "is", 12],
    ["clicked", "did", ["1", 30]],
    ["clicked", "did_not", ["", ""]],
]


def problems(data: Any) -> list[tuple[tuple[int, ...], str]]:
    with pytest.raises(CriteriaError) as caught:
        parse(data, FIELDS)
    assert all(problem.text for problem in caught.value.problems)
    return [(problem.path, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize("condition", GOOD, ids=str)
def test_a_condition_that_fits_comes_back_as_it_was(condition: list[Any]) -> None:
    tree = {"any": [condition, {"none": [condition]}]}
    assert to_json(parse_text(json.dumps(tree), FIELDS)) == tree


def test_one_condition_alone_is_a_tree() -> None:
    assert to_json(parse(GOOD[0], FIELDS)) == {"all": [GOOD[0]]}


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (["gone", "is", "x"], "field"),
        (["", ""], "field"),
        (["name", "sounds_like", "x"], "operator"),
        (["state", "none", ["a"]], "operator"),
        (["name", "is", ""], "value"),
        (["name", "is", 5], "value"),
        (["name", "is", "a\0b"], "value"),
        (["name", "is", "\ud800"], "value"),
        (["name", "is", "x" * 201], "value"),
        (["name", "empty", "x"], "value"),
        (["size", "eq", "5"], "value"),
        (["size", "eq", True], "value"),
        (["size", "eq", float("nan")], "value"),
        (["size", "eq", 10**400], "value"),
        (["size", "between", [1]], "value"),
        (["day", "on", "2026-02-31"], "value"),
        (["day", "on", "20260228"], "value"),
        (["day", "last_days", -1], "value"),
        (["day", "last_days", 1.5], "value"),
        (["colour", "any", ["green"]], "value"),
        (["colour", "any", []], "value"),
        (["colour", "any", "red"], "value"),
        (["account", "is", 2**63], "value"),
        (["account", "is", "Acme"], "value"),
        (["clicked", "did", ["2", ""]], "value"),
        (["clicked", "did", ["1"]], "value"),
        (["name"], "shape"),
        (["name", "is", "x", "y"], "shape"),
        ([1, 2, 3], "shape"),
        ("name", "shape"),
        (None, "shape"),
        ({"all": [], "any": []}, "shape"),
        ({"xor": []}, "shape"),
        ({"all": "name"}, "shape"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named_at_its_place(condition: Any, code: str) -> None:
    assert problems({"all": [GOOD[0], {"any": [condition]}]}) == [((1, 0), code)]


def test_every_problem_is_named_not_only_the_first() -> None:
    assert problems({"all": [["gone", "is", "x"], GOOD[0], ["size", "eq", "x"]]}) == [((0,), "field"), ((2,), "value")]


def test_depth_number_and_length_have_limits() -> None:
    deep: Any = GOOD[0]
    for _level in range(DEEPEST + 1):
        deep = {"all": [deep]}
    assert problems(deep) == [((0,) * DEEPEST, "too_deep")]
    assert problems({"all": [GOOD[0]] * (MOST_CONDITIONS + 5)}) == [((MOST_CONDITIONS,), "too_many")]
    for text in ("[" * 7000, '{"all":' * 900, "nonsense", "1" * 7000, "x" * 9000):
        with pytest.raises(CriteriaError):
            parse_text(text, FIELDS)


def test_a_group_that_contains_itself_is_refused() -> None:
    group: dict[str, Any] = {"all": [GOOD[0]]}
    group["all"].append(group)
    assert problems(group) == [((1,), "cyclic")]


ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.sampled_from(sorted(FIELDS))
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["all", "any", "none", "x"]), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_any_json_is_a_tree_or_an_error_with_words(data: Any) -> None:
    try:
        tree = parse(data, FIELDS)
    except CriteriaError as error:
        assert error.problems
    else:
        assert parse(to_json(tree), FIELDS) == tree


@pytest.mark.parametrize(
    "text", ['{"all":[["\\ud800","is"]]}', '["name","is","\\udc00"]', '{"\\ud800":1}', "{", "[" * 4000]
)
def test_a_text_that_cannot_be_read_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        parse_text(text, FIELDS)
    assert [problem.code for problem in caught.value.problems] == ["not_json"]


def test_a_whole_pair_is_one_character() -> None:
    assert to_json(parse_text('["name","is","\\ud83d\\ude00"]', FIELDS)) == {"all": [["name", "is", "\U0001f600"]]}
