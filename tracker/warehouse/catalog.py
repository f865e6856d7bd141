"""Turn the files in `tracker/warehouse/views/` into views, with their as-of twins, their histories and their comments.

A file holds one plain SELECT under a header that says what it is, its grain, what it reads and its units. The view has
the file's name. Its text is this SELECT with all the views that it reads in front, each once: nested views would be
planned anew at every mention, which took 23 seconds for one question, and 0.25 this way. The twin `<view>_as_of(t)` is
the same text with the condition `known_at <= t` at the bottom, in `fact_known`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from tracker.errors import UsageError
from tracker.model.company_names import nearest
from tracker.model.metric import metrics_never_below_zero, metrics_text, wide_metrics
from tracker.model.quantity import QUALIFIERS
from tracker.model.schema import (
    DERIVED,
    DERIVED_VIEWS,
    DESCRIPTIONS,
    LATEST,
    READERS,
    RUN_COLUMNS,
    RUNS,
    SHOWN,
    TABLES,
)
from tracker.warehouse.reasons import doubt_macros, text_macros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "DERIVATION",
    "DERIVATION_BODY",
    "STANDING",
    "STORED_DERIVATION",
    "View",
    "as_of_instant",
    "body_sql",
    "catalog_sql",
    "engine_message",
    "has_history",
    "histories_in",
    "history_body",
    "history_sql",
    "latest_name",
    "macros_sql",
    "mentioned",
    "more_sql",
    "named_in",
    "no_view",
    "qualifier_body",
    "qualifier_sql",
    "rows_name",
    "rules_version",
    "runs_sql",
    "selects_over_rows",
    "split_words",
    "standing_sql",
    "stored_rows",
    "stored_sql",
    "table_sql",
    "twin_sql",
    "uses_macros",
    "view_sql",
    "views",
    "with_below",
]

_WORD: Final = re.compile(r"[a-z_]+")
_INVENTORY: Final = frozenset({"show", "describe", "summarize", "pragma"})
_HEADER: Final = re.compile(r"--(?: (?P<key>[a-z-]+):)? ?(?P<text>.*)")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}:?\d{2}|Z)?)?", re.ASCII)

#: A day means its last microsecond, UTC: what became public during the day was known as of that day.
_MOMENT: Final = (
    "case when length(cast({t} as varchar)) = 10 "
    "then cast(cast({t} as varchar) || ' 23:59:59.999999+00' as timestamptz) else cast({t} as timestamptz) end"
)


@dataclass(frozen=True, slots=True)
class View:
    """One file of `tracker/warehouse/views/`: the fields of its header, and its SELECT.

    `summary` is one line on what the view shows, and `notes` are further sentences. `as_of` is the column that says
    when a row became known; None if the file has no such field.
    """

    name: str
    summary: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    units: str
    notes: str
    as_of: str | None
    text: str

    @property
    def body(self) -> str:
        """Return the SELECT. Only that of `wide` needs `metrics.toml`, for its columns, so few questions read it."""
        return _EACH_METRIC.sub(_repeat, self.text) if "METRIC" in self.text else self.text

    @property
    def comment(self) -> str:
        """Return the description that `tracker schema` and the comment on the view show."""
        parts = [self.summary + ".", f"Grain: {', '.join(self.grain)}."]
        parts += [f"Units: {self.units}."] if self.units else []
        return " ".join([*parts, self.notes] if self.notes else parts)

    @property
    def is_timed(self) -> bool:
        """Return whether the view has a twin: whether its rows depend on the moment of knowledge."""
        return bool(self.as_of) or any(read.as_of for read in _below(self))


@cache
def views() -> tuple[View, ...]:
    """Return all views, each after the views that it reads."""
    found = [
        _parse_view(path.read_text("utf-8"))
        for folder in files("tracker.warehouse").joinpath("views").iterdir()
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name.endswith(".sql")
    ]
    by_name = {view.name: view for view in sorted(found, key=lambda view: view.name)}
    return tuple(_put_views_in(view, by_name) for view in _in_order(by_name))


def _put_views_in(view: View, by_name: Mapping[str, View]) -> View:
    """Replace the line in a view's SQL that stands for another view over other inputs, if there is one."""
    if not (found := _OVER.search(view.text)):
        return view
    inputs = dict(pair.split(" = ") for pair in found["inputs"].split(", "))
    needed = _list_needed(found["view"], by_name, {*inputs, *view.reads})
    given = [f"{name} as (select * from {source})" for name, source in inputs.items()]
    computed = [f"{one.name} as materialized (\n{one.body}\n)" for one in needed[:-1]]
    text = f"with {', '.join([*given, *computed])}\nselect * from (\n{needed[-1].body}\n)"
    return replace(view, text=view.text.replace(found[0], text))


def _list_needed(name: str, by_name: Mapping[str, View], given: set[str]) -> list[View]:
    """Return a view and all views that it reads, each after those that it reads itself, except the given ones."""
    needed: dict[str, View] = {}

    def visit(name: str) -> None:
        if name in by_name and name not in given and name not in needed:
            for read in by_name[name].reads:
                visit(read)
            needed[name] = by_name[name]

    visit(name)
    return [*needed.values()]


#: A line that stands for a view over other inputs than its own: {growth over fact_known = part_fact, ...}.
_OVER: Final = re.compile(r"\{(?P<view>\w+) over (?P<inputs>[^}]*)\}")


def _parse_view(text: str) -> View:
    lines = text.splitlines()
    header = list(takewhile(lambda line: line.startswith("--"), lines))
    matches = [match for line in header if (match := _HEADER.fullmatch(line))]
    name, _, summary = (
        matches[0]["text"].partition(": ") if matches[0]["key"] is None else (matches[0]["key"], "", matches[0]["text"])
    )
    fields = {match["key"]: match["text"] for match in matches[1:] if match["key"] in _FIELDS}
    notes = [match[0].removeprefix("-- ") for match in matches[1:] if match["key"] not in _FIELDS]
    return View(
        name=name,
        summary=summary,
        grain=tuple(fields["grain"].split(", ")),
        reads=tuple(fields["reads"].split(", ")),
        units=fields.get("units", ""),
        notes=" ".join(notes),
        as_of=fields.get("as-of"),
        text=_COMMENT.sub("", text).strip(),
    )


#: A line that stands once for each metric of `wide`, with the metric's name in place of METRIC.
_EACH_METRIC: Final = re.compile(r"^( *)\{(.*METRIC.*)\}$", re.MULTILINE)


def _repeat(line: re.Match[str]) -> str:
    return ",\n".join(line[1] + line[2].replace("METRIC", metric) for metric in wide_metrics())


_COMMENT: Final = re.compile(r"^--.*\n?", re.MULTILINE)
_FIELDS: Final = frozenset({"grain", "reads", "units", "as-of"})


def _in_order(by_name: dict[str, View]) -> list[View]:
    done: dict[str, View] = {}

    def visit(name: str) -> None:
        if name in done or name not in by_name:
            return
        for read in by_name[name].reads:
            visit(read)
        done[name] = by_name[name]

    for name in by_name:
        visit(name)
    return list(done.values())


def as_of_instant(text: str) -> str:
    """Return the SQL expression for the moment that a user's day or timestamp means; UsageError if it is neither."""
    if not _INSTANT.fullmatch(text):
        raise UsageError(f"{text!r} is no moment; write a day (2024-08-05) or a time (2024-08-05T20:00:00Z)")
    return _MOMENT.format(t=f"'{text}'")


def uses_macros(text: str) -> bool:
    """Return whether a SQL text calls one of the views' macros, or reads the table `qualifier` that comes with them."""
    return not {*_CALL.findall(text.lower())}.isdisjoint(_macro_names()) or _QUALIFIER in split_words(text)


@cache
def _macro_names() -> frozenset[str]:
    return frozenset({_SIGN, *_MACRO.findall(f"{doubt_macros()}\n{_written_macros()}\n{text_macros()}")})


_QUALIFIER: Final = "qualifier"
_CALL: Final = re.compile(r"([a-z_]\w*)\s*\(")
_MACRO: Final = re.compile(r"create or replace macro (\w+)\(")


@cache
def macros_sql() -> str:
    """Return the SQL that defines the views' macros, and the table `qualifier`."""
    return f"{text_macros()}\n{_plain_macros_sql()}"


@cache
def _plain_macros_sql() -> str:
    """Return the same SQL without the macros that make texts of codes."""
    return f"set timezone = 'UTC';\n{_sign_macro()}\n{doubt_macros()}\n{_written_macros()}\n{qualifier_sql()}"


@cache
def _written_macros() -> str:
    return files("tracker.warehouse").joinpath("views", "macros.sql").read_text("utf-8")


_SIGN: Final = "sign_of"


def _sign_macro() -> str:
    """Return the macro for the sign of a metric: `positive`, `net` (something is subtracted first) or NULL."""
    plain, net = (
        ", ".join(f"'{name}'" for name in sorted(metrics_never_below_zero(net=is_net))) for is_net in (False, True)
    )
    return (
        f"create or replace macro {_SIGN}(metric) as "
        f"case when metric in ({plain}) then 'positive' when metric in ({net}) then 'net' end;"
    )


@cache
def rules_version() -> str:
    """Return a hash of the rules by which stored rows follow from facts: another version of the program may differ.

    The signs of metrics are among the rules. The whole text of their file is hashed, because parsing it takes longer.
    """
    derived = [view for view in views() if view.name in DERIVED_VIEWS]
    macros = [_written_macros(), qualifier_sql(), doubt_macros(), text_macros(), metrics_text()]
    texts = [*macros, standing_sql(), *(f"{view.name} {view.body}" for view in with_below(derived))]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def view_sql(view: View, as_of: str | None = None, *, is_derived: bool = False) -> str:
    """Return the statement that defines a view; with `as_of` the view uses only what was known then.

    With `is_derived` it reads the stored rows of derived figures, else it derives them from the facts.
    """
    text = _flat(view, as_of_instant(as_of) if as_of else None, is_derived=is_derived)
    return f"create or replace view {view.name} as\n{text};\ncomment on view {view.name} is {_quoted(view.comment)};"


def twin_sql(view: View, *, is_derived: bool = False) -> str:
    """Return the SQL that defines `<view>_as_of(t)`; empty if the view does not depend on the moment of knowledge."""
    if not view.is_timed:
        return ""
    comment = f"{view.name} as it followed from what was known at t. Its columns are those of {view.name}."
    text = _flat(view, _MOMENT.format(t="t"), is_derived=is_derived)
    return (
        f"create or replace macro {view.name}_as_of(t) as table\n{text};\n"
        f"comment on macro table {view.name}_as_of is {_quoted(comment)};"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def history_sql(view: View) -> str:
    """Return the statement that defines `<view>_history`: the rows of all times, each with the days it was known.

    Without stored figures there is no history.
    """
    comment = f"{view.name} at all moments: each row from known_from until before known_to (NULL: it still holds)."
    return (
        f"create or replace view {view.name}_history as\n{history_body(view)};\n"
        f"comment on view {view.name}_history is {_quoted(comment)};"
    )


def history_body(view: View) -> str:
    """Return the SELECT of `<view>_history` over the stored rows."""
    if view.name in DERIVED_VIEWS:
        return _derived_sql(view.name, "true", times=", d.known_from, d.known_to")
    below = ",\n".join(f"{read.name} as (\n{_body_over_time(read)}\n)" for read in _below(view, is_derived=True))
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
        f"select {columns}{times} from {_IN_FILES} d "
        "join stored_derivation n "
        "on n.filename = d.filename and n.entity = d.entity and n.recorded_at = d.recorded_at "
        f"where d.view = '{name}' and {when}"
    )


#: Which companies are derived, and when each was derived last.
DERIVATION_BODY: Final = (
    f"select entity, max(recorded_at) as recorded_at from {DERIVED} where view = 'derivation' group by entity"
)
#: The stored rows with the file of each, and the file with the latest derivation of each company. As the files are
#: joined, the engine skips all but those of the companies that a question is about.
_IN_FILES: Final = f"stored_{DERIVED}"
_FILES: Final = (
    "select entity, max(recorded_at) as recorded_at, arg_max(filename, recorded_at) as filename "
    f"from {_IN_FILES} where view = 'derivation' group by entity"
)
STORED_DERIVATION: Final = f"create or replace table stored_derivation as {_FILES}"
DERIVATION: Final = (
    "create or replace view derivation as select entity, recorded_at from stored_derivation;\n"
    "comment on view derivation is 'When the figures of each company were last derived and stored. Grain: entity.';"
)


def table_sql(view: View, as_of: str | None = None) -> str:
    """Return the statement that computes a view once, as a table: faster if many questions follow."""
    body = body_sql(view, as_of_instant(as_of) if as_of else None, is_derived=False)
    return f"create temporary table {view.name} as select * from (\n{body}\n)"


#: The id in force for a stored id, in a query that joins both tables; NULL if the company was removed.
_ID_OF: Final = "left join entity_id i on i.stored_as = {of}.entity and not i.is_withdrawn"
_IN_FORCE: Final = "case when i.stored_as is null then f.entity else i.entity end"
#: The view that leaves out what was withdrawn or corrected.
STANDING: Final = "fact_known"


def standing_sql() -> str:
    """Return the view `fact_known` for an excerpt in which every fact stands.

    The engine can look through it: it makes no copy and searches no withdrawals.
    """
    cells = {"known_at": "coalesce(f.known_at, f.recorded_at) as known_at", "entity": f"{_IN_FORCE} as entity"}
    columns = [cells.get(name, f"f.{name}") for name in TABLES["fact"] if name not in {"dimensions", "retracts"}]
    return (
        f"create temporary view {STANDING} as select {', '.join(columns)} from fact f "
        f"{_ID_OF.format(of='f')} where f.dimensions is null and (i.stored_as is null or i.entity is not null)"
    )


def catalog_sql(files_of: Mapping[str, Sequence[str]], *, is_derived: bool) -> str:
    """Return the text of `warehouse.sql`: stored tables (from the relative paths of their files), views and twins.

    If figures are stored, it has the views that do not read all statements; `more_sql` has the others.
    """
    stored = [stored_sql(table, stored_rows(table, files_of.get(table, ()))) for table in TABLES]
    if not is_derived:
        return "\n".join([macros_sql(), *stored, _views_sql(is_derived=False), runs_sql(is_there=True)])
    return "\n".join(
        [
            _plain_macros_sql(),
            *stored,
            f"create or replace view stored_derivation as {_FILES};",
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
    below = [view, *_below(view, is_derived=True)]
    reads_statements = any(read.name == STANDING or "fact" in read.reads for read in below)
    makes_texts = any({"reason_text", "rule_text"} & split_words(read.body) for read in below if not has_history(read))
    return view.name in _EVIDENCE or not (reads_statements or makes_texts or view.name in _STEPS)


def mentioned(query: str) -> tuple[list[View], list[View]]:
    """Return the views that a query may name, and those whose twin it may name.

    Both are all views if the query asks the engine for a list of views.
    """
    words = split_words(query)
    if words & _INVENTORY or any(word.startswith(("duckdb_", "information_schema")) for word in words):
        return list(views()), list(views())
    return named_in(query)


def named_in(query: str) -> tuple[list[View], list[View]]:
    """Return the views whose names stand in a query, and those whose twins do."""
    words = split_words(query)
    return (
        [view for view in views() if view.name in words],
        [view for view in views() if f"{view.name}_as_of" in words],
    )


def histories_in(query: str) -> list[View]:
    """Return the views whose histories a query may name; all of them if it asks the engine for a list of views."""
    words = split_words(query)
    is_inventory = len(mentioned(query)[0]) == len(views())
    return [view for view in views() if (is_inventory or f"{view.name}_history" in words) and has_history(view)]


#: How the engine says that a table, a view or a twin does not exist. It would suggest internal tables.
_NO_TABLE: Final = re.compile(r"Catalog Error: Table(?: Function)? with name (?P<name>.+?) does not exist!", re.DOTALL)
_NO_COLUMN: Final = re.compile(
    r"Binder Error: (?:Referenced column|(?:Table|Values list) \".+?\" does not have a column named) \"(?P<name>.+?)\""
    r"(?:.*?Candidate bindings: (?P<near>[^\n]*))?",
    re.DOTALL,
)


def engine_message(message: str) -> str:
    """Return the engine's message about a query; for an unknown table or column, one line with similar names."""
    if table := _NO_TABLE.match(message.strip()):
        return no_view(table["name"])
    if column := _NO_COLUMN.match(message.strip()):
        near = ", ".join(re.findall(r'"([^"]+)"', column["near"] or ""))
        there = f"; near it are {near}" if near else ""
        return f"there is no column {column['name']}{there}; `tracker schema VIEW` lists the columns of a view"
    return message.strip()


def no_view(name: str) -> str:
    """Return the sentence that there is no such view, with the most similar names."""
    known = [
        *TABLES,
        *(view.name for view in views()),
        *(f"{view.name}_as_of" for view in views() if view.is_timed),
        *(f"{view.name}_history" for view in views() if has_history(view)),
    ]
    return f"there is no view named {name}; {nearest(name, known, '`tracker schema` lists them')}"


def split_words(query: str) -> set[str]:
    """Return all names and other words of a query, in lower case."""
    return set(_WORD.findall(query.lower()))


def with_below(wanted: Iterable[View], *, is_derived: bool = False) -> list[View]:
    """Return these views and all views that they read, each after those that it reads; none below stored rows."""
    names = {each.name for view in wanted for each in (view, *_below(view, is_derived=is_derived))}
    return [view for view in views() if view.name in names]


def _flat(view: View, moment: str | None, *, is_derived: bool) -> str:
    """Return the view's SELECT with all views that it reads in front, in order, each once.

    Stored rows are not materialized, so that a filter on a company reaches the files.
    """
    below = [
        f"{read.name} as {'not ' if is_derived and has_history(read) else ''}materialized (\n"
        f"{body_sql(read, moment, is_derived=is_derived)}\n)"
        for read in _below(view, is_derived=is_derived)
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


@cache
def _below(view: View, *, is_derived: bool = False) -> list[View]:
    """Return the views that a view reads, directly or not, each after those that it reads; none below stored rows."""
    wanted = set(_read_by(view, is_derived=is_derived))
    for other in reversed(views()):
        if other.name in wanted:
            wanted |= set(_read_by(other, is_derived=is_derived))
    return [other for other in views() if other.name in wanted]


def _read_by(view: View, *, is_derived: bool) -> tuple[str, ...]:
    return () if is_derived and view.name in DERIVED_VIEWS else view.reads


def stored_rows(
    table: str,
    paths: Sequence[str],
    entities: Sequence[str] | None = None,
    *,
    until: str | None = None,
    is_drafted: bool = False,
) -> str:
    """Return the SELECT of all stored rows of a table.

    With `entities` it has only the statements of these companies, and the statements that people checked. Drafted rows
    are in the table `draft_<table>`.
    """
    columns = _columns_in_files(table)
    if paths:
        listed = ", ".join(_quoted(path) for path in paths)
        select = f"select {', '.join(columns)} from read_parquet([{listed}])"
    else:
        select = _nothing(columns)
    conditions = []
    if paths and entities is not None:
        names = ", ".join(_quoted(entity) for entity in entities)
        # What people checked stays: it may correct whose figure an extracted one is.
        conditions.append(f"(entity in ({names}) or method = 'curated')" if names else "false")
    if paths and until is not None:
        conditions.append(f"recorded_at <= strptime('{until}+0000', '%Y%m%dT%H%M%S%f%z')")
    select += f" where {' and '.join(conditions)}" if conditions else ""
    if is_drafted:
        drafted = ", ".join("'' as filename" if name == "filename" else name for name in columns)
        select += f" union all select {drafted} from draft_{table}"
    return select


def _columns_in_files(table: str) -> dict[str, str]:
    return TABLES[table] | ({"filename": "VARCHAR"} if table == DERIVED else {})


def stored_sql(table: str, rows: str, *, is_computed: bool = False) -> str:
    """Return the statements that define a stored table as a view over its rows, a SELECT (`stored_rows`).

    If rows of the table are replaced as sets, the view shows only the latest of each set. With `is_computed` the
    companies under their ids in force are computed at once, for the many views that read them.
    """
    selects = {rows_name(table): rows, **selects_over_rows(table)}
    if table == DERIVED:
        selects = {_IN_FILES: rows, DERIVED: f"select {', '.join(TABLES[DERIVED])} from {_IN_FILES}"}
    if is_computed and table in SHOWN:
        shown = selects.pop(table)
        selects |= {f"computed_{table}": shown, table: f"select * from computed_{table}"}
    made = {name: "temporary table" if name == f"computed_{table}" else "view" for name in selects}
    defined = [f"create or replace {made[name]} {name} as {text};\n" for name, text in selects.items()]
    return "".join([*defined, f"comment on view {table} is '{DESCRIPTIONS[table]}';"])


def rows_name(table: str) -> str:
    """Return the name of the view of all stored rows of a table."""
    return f"stored_{table}" if table in LATEST else table


def selects_over_rows(table: str) -> dict[str, str]:
    """Return the views over all rows of a table whose rows are replaced as sets, by name, each after those it reads."""
    if table not in LATEST:
        return {}
    keys = ", ".join(LATEST[table])
    newest = f"select {keys + ', ' if keys else ''}max(recorded_at) as recorded_at from stored_{table}" + (
        f" group by {keys}" if keys else ""
    )
    using = ", ".join([*LATEST[table], "recorded_at"])
    latest = f"select s.* from stored_{table} s semi join ({newest}) n using ({using})"
    return {latest_name(table): latest, table: _shown_sql(table)} if table in SHOWN else {table: latest}


def latest_name(table: str) -> str:
    """Return the view of a table's latest sets as they are stored: under stored ids, not under ids in force."""
    return f"stored_latest_{table}" if table in SHOWN else table


def _shown_sql(table: str) -> str:
    """Return the SELECT of companies under their ids in force.

    If a company has several sets, the one stored under its id in force counts, or the one kept by hand. What this set
    does not say (CIK, currency, calendar) is taken from the next one.
    """
    columns = ", ".join(_SHOWN_AS.get((table, name), f"s.{name}") for name in TABLES[table])
    readers = ", ".join(f"'{reader}'" for reader in READERS)
    of_all = f"select f.*, f.entity as stored_as, {_IN_FORCE} as shown from stored_latest_entity f"
    order = (
        f"case when stored_as = shown then 0 when origin in ({readers}) then 2 else 1 end, recorded_at desc, stored_as"
    )
    places = "".join(
        f", row_number() over (partition by shown, {column} is null order by {order}) as {column}_rn"
        for column in _LEFT_OPEN
    )
    sets = "".join(
        f", max(case when {column}_rn = 1 and {column} is not null then stored_as end) as {column}_set"
        for column in _LEFT_OPEN
    )
    chosen = (
        f"select shown, max(case when rn = 1 then stored_as end) as stored_as, max(cik) as cik{sets} from ("
        f"select stored_as, shown, cik, {', '.join(_LEFT_OPEN)}, "
        f"row_number() over (partition by shown order by {order}) as rn{places} "
        f"from ({of_all} {_ID_OF.format(of='f')}) where shown is not null) group by shown"
    )
    others = "".join(
        f" left join {latest_name(table)} {column} on {column}.entity = o.{column}_set" for column in _LEFT_OPEN
    )
    return (
        f"select {columns} from {latest_name(table)} s join ({chosen}) o on o.stored_as = s.entity"
        f"{others if table == 'entity' else ''}"
    )


#: The columns of a company that may come from another of its sets. The calendar's columns belong together: the set
#: that has the month gives them all.
_LEFT_OPEN: Final = ("currency", "fiscal_year_end_month")
_SHOWN_AS: Final = {
    ("entity", "entity"): "o.shown as entity",
    ("entity_alias", "entity"): "o.shown as entity",
    ("entity", "cik"): "o.cik",
    ("entity", "currency"): "currency.currency",
    ("entity", "fiscal_year_end_month"): "fiscal_year_end_month.fiscal_year_end_month",
    **{
        ("entity", name): f"coalesce(fiscal_year_end_month.{name}, s.{name}) as {name}"
        for name in ("is_named_by_start", "is_weekly")
    },
}


def runs_sql(*, is_there: bool) -> str:
    """Return the SQL that defines the ledger of scheduled runs as a view, without a line that a crash cut short.

    It is the last one in the catalog, so that a copy without the ledger still has all other views.
    """
    if is_there:
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in RUN_COLUMNS.items())
        select = (
            f"select {', '.join(RUN_COLUMNS)} from read_json('{RUNS}', format = 'newline_delimited', "
            f"ignore_errors = true, columns = {{{columns}}}) where slot is not null"
        )
    else:
        select = _nothing(RUN_COLUMNS)
    return f"create or replace view run as {select};\ncomment on view run is '{DESCRIPTIONS['run']}';"


def _nothing(columns: Mapping[str, str]) -> str:
    return "select " + ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items()) + " where false"


def qualifier_body() -> str:
    """Return the table of `qualifiers.toml` as a SELECT."""
    rows = ", ".join(
        f"('{name}', {'null' if low is None else low}, {'null' if high is None else high})"
        for name, (low, high) in QUALIFIERS.items()
    )
    return (
        "select qualifier, cast(below as double) as below, cast(above as double) as above "
        f"from (values {rows}) q(qualifier, below, above)"
    )


def qualifier_sql() -> str:
    """Return the statements that define the view `qualifier`."""
    return (
        f"create or replace view qualifier as {qualifier_body()};\n"
        "comment on view qualifier is 'How far a printed figure may be from the true one, in units of its last digit. "
        "Grain: qualifier.';"
    )
