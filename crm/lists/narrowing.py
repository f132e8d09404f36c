"""The conditions of a list: from the query string to rows, to words, and to the form that edits them."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from crm.criteria import (
    CriteriaError,
    Fields,
    Group,
    Mode,
    Problem,
    dump,
    parse,
    parse_text,
    to_q,
)
from crm.criteria.parse import read
from crm.criteria.tree import to_json
from crm.lists import builder
from crm.lists.parts import Applied
from crm.lists.wording import in_words

if TYPE_CHECKING:
    from crm.lists.page import ListPage


class Narrowing:
    """`?where=` holds the tree; parameters beginning with `b.` are the form of the filter builder."""

    def __init__(self, page: "ListPage[Any]", fields: Fields) -> None:
        self.page, self.fields = page, fields

    # ---- the form

    @property
    def is_submitted(self) -> bool:
        return f"{builder.ROOT}.mode" in self.page.submitted

    @cached_property
    def data(self) -> Any:
        """The tree of the form, complete or not."""
        return builder.submitted(self.page.submitted, self.fields)

    @property
    def _is_applying(self) -> bool:
        pressed = self.page.submitted.get(f"{builder.ROOT}.do", "apply")
        return self.is_submitted and pressed == "apply"

    @cached_property
    def form_problems(self) -> list[Problem]:
        """What is wrong with the conditions that are to be applied."""
        if not self._is_applying:
            return []
        try:
            parse(builder.without_blanks(self.data), self.fields)
        except CriteriaError as error:
            return error.problems
        return []

    @property
    def is_applied(self) -> bool:
        return self._is_applying and not self.form_problems

    @property
    def is_open(self) -> bool:
        return self.is_submitted or bool(self.problems)

    @property
    def form(self) -> builder.ShownGroup:
        """The builder as the template draws it, each problem beside its condition."""
        if self._is_applying:
            return builder.shown(builder.without_blanks(self.data), self.fields, self.form_problems)
        if self.is_submitted:
            return builder.shown(self.data, self.fields)
        data = self._stored()
        blank = not data or not any(data.values()) if isinstance(data, dict) or data is None else False
        return builder.shown({"all": [[*builder.BLANK]]} if blank else data, self.fields, self.problems)

    def _stored(self) -> Any:
        """What the builder shows of a tree that may not fit; of a text that is none, the problems are told."""
        try:
            return read(self.text) if self.text else None
        except CriteriaError:
            return None

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the form must carry along."""
        gone = {self.page.key(name) for name in ("where", "page", "count")}
        return [(key, value) for key, values in self.page.query.lists() for value in values if key not in gone]

    # ---- the conditions in force

    @cached_property
    def text(self) -> str:
        """The tree as it stands in the URL."""
        if self.is_applied:
            data = builder.without_blanks(self.data)
            return dump(data) if next(iter(data.values())) else ""
        return self.page.query.get(self.page.key("where"), "")

    @cached_property
    def _read(self) -> tuple[Group | None, list[Problem]]:
        if not self.text:
            return None, []
        try:
            return parse_text(self.text, self.fields), []
        except CriteriaError as error:
            return None, error.problems

    @property
    def tree(self) -> Group | None:
        return self._read[0]

    @property
    def problems(self) -> list[Problem]:
        return self._read[1]

    @property
    def sentences(self) -> list[str]:
        return [problem.text for problem in self.problems]

    def apply(self, rows: Any) -> Any:
        return rows.filter(to_q(self.tree, self.fields)) if self.tree else rows

    # ---- in words

    @cached_property
    def applied(self) -> list[Applied]:
        """One entry per condition that can be taken away by itself."""
        tree = self.tree
        if tree is None or not tree.members:
            return []
        if tree.mode is not Mode.ALL:
            return [Applied(in_words(tree, self.fields), self.page.url(where="", count=""))]
        return [
            Applied(in_words(member, self.fields), self._without(tree, at)) for at, member in enumerate(tree.members)
        ]

    def _without(self, tree: Group, at: int) -> str:
        kept = Group(tree.mode, (*tree.members[:at], *tree.members[at + 1 :]))
        return self.page.url(where=dump(to_json(kept)) if kept.members else "", count="")
