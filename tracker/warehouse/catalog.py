"""Turn the files in `tracker/warehouse/views/` into views, with their as-of twins, their histories and their comments.

A file holds one plain SELECT under a header that says what it is, its grain, what it reads and its units. The view has
the file's name. Its text is this SELECT with all the views that it reads in front, each once: nested views would be
planned anew at every mention, which took 23 seconds for one question, and 0.25 this way. The twin `<view>_as_of(t)` is
the same text with the condition `known_at <= t` at the bottom, in `fact_known`.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.errors import UsageError
from tracker.model.metric import metrics_text
from tracker.model.schema import DERIVED_VIEWS, TABLES
from tracker.warehouse.reasons import doubt_macros, text_macros
from tracker.warehouse.stored_tables import (
    DERIVATION,
    DERIVED_IN_FILES,
    LATEST_DERIVATIONS,
    STANDING,
    quote,
    runs_sql,
    standing_sql,
    stored_rows,
    stored_sql,
)
from tracker.warehouse.view_files import View, list_below, split_words, views, with_below
from tracker.warehouse.view_macros import macros_sql, plain_macros_sql, qualifier_sql, written_macros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "as_of_instant",
    "body_sql",
    "catalog_sql",
    "has_history",
    "history_body",
    "history_sql",
    "more_sql",
    "rules_version",
    "table_sql",
    "twin_sql",
    "view_sql",
]

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}:?\d{2}|Z)?)?", re.ASCII)

#: A day means its last microsecond, UTC: what became public during the day was known as of that day.
_MOMENT: Final = (
    "case when length(cast({t} as varchar)) = 10 "
    "then cast(cast({t} as varchar) || ' 23:59:59.999999+00' as timestamptz) else cast({t} as timestamptz) end"
)


def as_of_instant(text: str) -> str:
    """Return the SQL expression for the moment that a user's day or timestamp means; UsageError if it is neither."""
    if not _INSTANT.fullmatch(text):
        raise UsageError(f"{text!r} is no moment; write a day (2024-08-05) or a time (2024-08-05T20:00:00Z)")
    return _MOMENT.format(t=f"'{text}'")


@cache
def rules_version() -> str:
    """Return a hash of the rules by which stored rows follow from facts: another version of the program may differ.

    The signs of metrics are among the rules. The whole text of their file is hashed, because parsing it takes longer.
    """
    derived = [view for view in views() if view.name in DERIVED_VIEWS]
    macros = [written_macros(), qualifier_sql(), doubt_macros(), text_macros(), metrics_text()]
    texts = [*macros, standing_sql(), *(f"{view.name} {view.body}" for view in with_below(derived))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def view_sql(view: View, as_of: str | None = None, *, is_derived: bool = False) -> str:
    """Return the statement that defines a view; with `as_of` the view uses only what was known then.

    With `is_derived` it reads the stored rows of derived figures, else it derives them from the facts.
    """
    text = _flat(view, as_of_instant(as_of) if as_of else None, is_derived=is_derived)
    return f"create or replace view {view.name} as\n{text};\ncomment on view {view.name} is {quote(view.comment)};"


def twin_sql(view: View, *, is_derived: bool = False) -> str:
    """Return the SQL that defines `<view>_as_of(t)`; empty if the view does not depend on the moment of knowledge."""
    if not view.is_timed:
        return ""
    comment = f"{view.name} as it followed from what was known at t. Its columns are those of {view.name}."
    text = _flat(view, _MOMENT.format(t="t"), is_derived=is_derived)
    return (
        f"create or replace macro {view.name}_as_of(t) as table\n{text};\n"
        f"comment on macro table {view.name}_as_of is {quote(comment)};"
    )


def history_sql(view: View) -> str:
    """Return the statement that defines `<view>_history`: the rows of all times, each with the days it was known.

    Without stored figures there is no history.
    """
    comment = f"{view.name} at all moments: each row from known_from until before known_to (NULL: it still holds)."
    return (
        f"create or replace view {view.name}_history as\n{history_body(view)};\n"
        f"comment on view {view.name}_history is {quote(comment)};"
    )


def history_body(view: View) -> str:
    """Return the SELECT of `<view>_history` over the stored rows."""
    if view.name in DERIVED_VIEWS:
        return _derived_sql(view.name, "true", times=", d.known_from, d.known_to")
    below = ",\n".join(f"{read.name} as (\n{_body_over_time(read)}\n)" for read in list_below(view, is_derived=True))
    head, _, rest = view.body.partition("\nfrom ")
    times = "" if head.endswith(".*") else ",\n    known_from, known_to"
    return f"with {below}\n{head}{times}\nfrom {rest}"


def _body_over_time(view: View) -> str:
    """Return the SELECT of a view below a history: all stored rows of figures, and descriptions as they are now."""
    return history_body(view) if view.name in DERIVED_VIEWS else view.body


def has_history(view: View) -> bool:
    """Return whether there is a view `<view>_history`: for stored views, and for views that only select rows of one."""
    return view.name in DERIVED_VIEWS or _is_selection(view)


@cache
def _is_selection(view: View) -> bool:
    """Return whether a view only selects rows of one stored view, and perhaps looks up how a part is called."""
    is_copy = view.body.startswith("select *")  # for the views below it
    is_plain = view.body.startswith("select") and not is_copy and not _JOINING.search(view.body)
    return is_plain and [name in DERIVED_VIEWS for name in view.reads if name != _NAMES_OF_PARTS] == [True]


_NAMES_OF_PARTS: Final = "segment_label"
_JOINING: Final = re.compile(r"\b(join|group by|over|unnest|rows_of_terms|distinct|with)\b")


def _derived_sql(name: str, when: str, times: str = "") -> str:
    """Return the SELECT of the stored rows of a view: for each company, those of its latest derivation."""
    columns = ", ".join(f"d.{column}" for column in DERIVED_VIEWS[name])
    return (
        f"select {columns}{times} from {DERIVED_IN_FILES} d "
        "join stored_derivation n "
        "on n.filename = d.filename and n.entity = d.entity and n.recorded_at = d.recorded_at "
        f"where d.view = '{name}' and {when}"
    )


def table_sql(view: View, as_of: str | None = None) -> str:
    """Return the statement that computes a view once, as a table: faster if many questions follow."""
    body = body_sql(view, as_of_instant(as_of) if as_of else None, is_derived=False)
    return f"create temporary table {view.name} as select * from (\n{body}\n)"


def catalog_sql(files_of: Mapping[str, Sequence[str]], *, is_derived: bool) -> str:
    """Return the text of `warehouse.sql`: stored tables (from the relative paths of their files), views and twins.

    If figures are stored, it has the views that do not read all statements; `more_sql` has the others.
    """
    stored = [stored_sql(table, stored_rows(table, files_of.get(table, ()))) for table in TABLES]
    if not is_derived:
        return "\n".join([macros_sql(), *stored, _views_sql(is_derived=False), runs_sql(is_there=True)])
    return "\n".join(
        [
            plain_macros_sql(),
            *stored,
            f"create or replace view stored_derivation as {LATEST_DERIVATIONS};",
            DERIVATION,
            _views_sql(is_derived=True),
            runs_sql(is_there=True),
        ]
    )


@cache
def more_sql() -> str:
    """Return the text of `more.sql`: the views that are computed from all statements with each question."""
    more = [view for view in views() if not _is_at_hand(view)]
    defined = [f"{view_sql(view, is_derived=True)}\n{twin_sql(view, is_derived=True)}" for view in more]
    return "\n".join([macros_sql(), *defined])


@cache
def _views_sql(*, is_derived: bool) -> str:
    shown = [view for view in views() if not is_derived or _is_at_hand(view)]
    defined = [f"{view_sql(view, is_derived=is_derived)}\n{twin_sql(view, is_derived=is_derived)}" for view in shown]
    histories = [history_sql(view) for view in shown if is_derived and has_history(view)]
    return "\n".join([*defined, *histories])


#: Cheap views over all statements: people look them up beside a figure.
_EVIDENCE: Final = frozenset({"fact_known", "segment_known"})
#: Steps on the way to a stored view, which nobody needs beside it.
_STEPS: Final = frozenset(
    {"ratio_level", *(f"earlier_{name}" for name in ("figure", "ratio_level", "shown", "vintage"))}
)


def _is_at_hand(view: View) -> bool:
    """Return whether `warehouse.sql` has a view: it reads no statements and makes no texts, or is listed above."""
    below = [view, *list_below(view, is_derived=True)]
    reads_statements = any(read.name == STANDING or "fact" in read.reads for read in below)
    makes_texts = any({"reason_text", "rule_text"} & split_words(read.body) for read in below if not has_history(read))
    return view.name in _EVIDENCE or not (reads_statements or makes_texts or view.name in _STEPS)


def _flat(view: View, moment: str | None, *, is_derived: bool) -> str:
    """Return the view's SELECT with all views that it reads in front, in order, each once.

    Stored rows are not materialized, so that a filter on a company reaches the files.
    """
    below = [
        f"{read.name} as {'not ' if is_derived and has_history(read) else ''}materialized (\n"
        f"{body_sql(read, moment, is_derived=is_derived)}\n)"
        for read in list_below(view, is_derived=is_derived)
    ]
    with_all = "with " + ",\n".join(below) + "\n" if below else ""
    return f"{with_all}select * from (\n{body_sql(view, moment, is_derived=is_derived)}\n)"


def body_sql(view: View, moment: str | None, *, is_derived: bool) -> str:
    """Return the SELECT of a view over those it reads; `moment` is an SQL expression, None for what holds now."""
    if is_derived and view.name in DERIVED_VIEWS:
        then = f"d.known_from <= {moment} and (d.known_to is null or d.known_to > {moment})"
        return _derived_sql(view.name, then if moment else "d.known_to is null")
    if view.as_of and moment:
        return f"select * from (\n{view.body}\n) where {view.as_of} <= {moment}"
    return view.body
