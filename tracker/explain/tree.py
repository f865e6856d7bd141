"""Why a number is what it is: a tree from the shown value down to accession numbers and characters of articles.

A number stands on parts or quarters, those on statements with their signs, those on filings or on characters of an
article. Beside it stand its growth with both branches, what was promised, what was claimed, and what was passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.errors import NothingMatchedError, UsageError
from tracker.explain.text import (
    changed_by_hand,
    derived_from,
    grown,
    headline,
    needed,
    promise,
    short_id,
    statement,
    value_of,
    verdict,
    version,
)
from tracker.model.company_names import nearest
from tracker.model.quantity import amount_text
from tracker.warehouse.identity import why_called

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tracker.warehouse.reader import Warehouse

    _Row = Mapping[str, Any]
    #: A statement of a sum: its sign (`+` or `-`) and its id.
    Operand = tuple[str, str]
    #: What a statement's article says around it: a `sentence`, a `note` why not, or nothing.
    Around = Callable[[_Row], dict[str, str]]

_Key = TypeVar("_Key")

__all__ = ["Node", "explain_fact", "explain_figure", "find_fact"]

_WHICH: Final = "entity = $entity and metric = $metric and fiscal_period = $period"
_LABEL: Final = re.compile(r"(TTM)?\d{4}Q[1-4]|\d{4}(H[12]|M9)|FY\d{4}", re.ASCII)
_PERIOD: Final = "write the period as 2024Q2, 2024H1, 2024M9, FY2024 or TTM2024Q2"
_ID: Final = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_MINUS: Final = "\N{MINUS SIGN}"
#: What growth says of a base beside its value.
_OF_BASE: Final = ("low", "high", "method", "definition", "basis", "operands")
_OPERAND: Final = "position, case when sign = 1 then '+' else '-' end as sign, lower(hex(fact_id)) as id"


@dataclass(frozen=True, slots=True)
class Node:
    """One step of an explanation: what it says, the record behind it, and the steps below."""

    text: str
    record: dict[str, Any]
    below: tuple[Node, ...] = ()

    def lines(self, prefix: str = "", branch: str = "", rest: str = "") -> Iterator[str]:
        """The tree as text."""
        yield prefix + branch + self.text
        for node in self.below[:-1]:
            yield from node.lines(prefix + rest, "├─ ", "│  ")
        for node in self.below[-1:]:
            yield from node.lines(prefix + rest, "└─ ", "   ")

    def tree(self) -> dict[str, Any]:
        """The tree as nested records for JSON."""
        return {"text": self.text, **self.record, "because": [node.tree() for node in self.below]}


def explain_figure(warehouse: Warehouse, entity: str, metric: str, period: str, around: Around = lambda _: {}) -> Node:
    """The value shown for a company, metric and period, with all it rests on and all that was said of it.

    `entity` may be an id, a ticker or a name; `period` a quarter, half-year, nine months, year, or the four quarters to
    one (`TTM2024Q2`). NothingMatchedError where nothing was stated, promised or claimed of it.
    """
    company = warehouse.entity_of(entity)
    with warehouse.for_companies([company]) as narrow:
        return _Company(narrow, company, around, _corrections(warehouse, company)).asked(metric, period)


def explain_fact(warehouse: Warehouse, fact_id: str, around: Around = lambda _: {}) -> Node:
    """One statement with its evidence, its versions, and the figure or outcome it belongs to.

    `fact_id` may be the beginning of an id. One that was corrected is shown with what stands in its place.
    """
    found, stored_as = find_fact(warehouse, fact_id)
    entity = _shown_as(warehouse, stored_as)
    by_target = {row["target_id"].hex(): row for row in _corrections(warehouse, None)}
    correction = by_target.get(found)
    with warehouse.for_companies([correction["entity"] if correction else entity]) as narrow:
        company = _Company(narrow, correction["entity"] if correction else entity, around, [*by_target.values()])
        return company.taken_out(correction) if correction else company.statement(found)


def _shown_as(warehouse: Warehouse, stored_as: str) -> str:
    """The company of a statement by the id it is stored under; that id itself where the company was removed."""
    query = "select entity from entity_id where stored_as = $stored_as and not is_withdrawn and entity is not null"
    found = _rows(warehouse, query, {"stored_as": stored_as})
    return str(found[0]["entity"]) if found else stored_as


def find_fact(warehouse: Warehouse, fact_id: str) -> tuple[str, str]:
    """The id of a statement and its company, by the id or its beginning, at least 8 hexadecimal digits.

    NothingMatchedError where no statement or several begin so, UsageError where it is no beginning of an id.
    """
    asked = fact_id.strip().lower()
    if not _ID.fullmatch(asked):
        raise UsageError(f"{fact_id!r} is no id; give 8 to 32 hexadecimal digits as `tracker explain` prints them")
    query = """select distinct lower(hex(fact_id)) as id, entity from fact
               where retracts is null and starts_with(lower(hex(fact_id)), $id) order by all limit 5"""
    found = _rows(warehouse, query, {"id": asked})
    if not found:
        raise NothingMatchedError(f"no fact has the id {fact_id}; `tracker explain COMPANY METRIC PERIOD` prints ids")
    if len(found) > 1:
        raise NothingMatchedError(f"{fact_id} may be {', '.join(row['id'] for row in found)}; give more digits")
    return found[0]["id"], found[0]["entity"]


def _corrections(warehouse: Warehouse, entity: str | None) -> list[_Row]:
    """The corrections that hold, of the statements of a company or of those it was given, else all.

    They are asked of the whole, since a correction may move a statement from one company to another.
    """
    if not warehouse.snapshot.files.get("correction"):
        return []
    query = """select c.*, coalesce(c.metric_before, t.metric) as was_of
               from correction_state c left join metric_tag t on t.concept = c.concept_before
               where c.target_id is not null and coalesce($entity in (c.entity, c.entity_before), true)
               order by c.target_id"""
    return [*_rows(warehouse, query, {"entity": entity})]


class _Company:
    """What is known of one company, read once for all steps of an explanation."""

    def __init__(self, warehouse: Warehouse, entity: str, around: Around, corrections: Sequence[_Row]) -> None:
        self.warehouse = warehouse
        self.entity = entity
        self.around = around
        self.corrections = corrections
        self._facts: dict[str, _Row] = {}

    def rows(self, query: str, **asked: object) -> list[dict[str, Any]]:
        return _rows(self.warehouse, query, {"entity": self.entity, **asked})

    @cached_property
    def figures(self) -> Mapping[tuple[str, str], _Row]:
        """Every figure by metric and period, and the four quarters to each quarter as `TTM...`."""
        figures = self.rows("select * from figure where entity = $entity")
        trailing = self.rows(
            """select t.*, 'TTM' || t.fiscal_period as label, 'ttm' as span, cast(null as varchar) as basis,
                   case when y.value is not null then 'the fiscal year' else 'sum of four quarters' end
                       as definition
               from ttm t
               left join annual y on y.entity = t.entity and y.metric = t.metric and y.fiscal_year = t.fiscal_year
                   and t.fiscal_quarter = 4
               where t.entity = $entity"""
        )
        return {(row["metric"], row["fiscal_period"]): row for row in figures} | {
            (row["metric"], row["label"]): {**row, "fiscal_period": row["label"]} for row in trailing
        }

    @cached_property
    def operands(self) -> Mapping[tuple[str, str], tuple[Operand, ...]]:
        """The signed statements of every figure by metric and period, as `figures` has them."""
        rows = self.rows(
            f"""select metric, fiscal_period as label, {_OPERAND} from operand where entity = $entity
                union all
                select metric, 'TTM' || fiscal_period as label, {_OPERAND} from ttm_operand where entity = $entity
                order by metric, label, position"""
        )
        return _grouped(rows, lambda row: (row["metric"], row["label"]))

    def _operands_of(self, figure: _Row) -> tuple[Operand, ...]:
        return self.operands.get((figure["metric"], figure["fiscal_period"]), ())

    # -- a figure ------------------------------------------------------------------------------------

    def asked(self, metric: str, period: str) -> Node:
        """The figure with all that stands beside it."""
        figure = self.figures.get((metric, period))
        promised = self.promised(metric, period)
        if figure is None:
            return self._not_reported(metric, period, promised)
        taken = self.taken(metric, period)
        beside = (self.growth(figure), promised, self.others(figure), self.claims(figure), taken, self.called())
        return Node(
            headline(figure),
            self._record(figure),
            (*self.made_of(figure), *(node for part in beside for node in part)),
        )

    def _not_reported(self, metric: str, period: str, promised: tuple[Node, ...]) -> Node:
        """What was promised and claimed of a figure that no source states."""
        asked = {"entity": self.entity, "metric": metric, "fiscal_period": period}
        claims = self.claims({**asked, "value": None, "unit": None})
        said = (*promised, *claims, *self.taken(metric, period))
        if not said:
            hint = self._hint(metric, period)
            raise NothingMatchedError(f"nothing is known of {self.entity} {metric} {period}; {hint}")
        return Node(f"{self.entity}, {metric}, {period}: not reported", asked, said)

    def _hint(self, metric: str, period: str) -> str:
        """What to ask instead: the metrics there are, the periods there are, or how to bring figures in."""
        metrics = {row["metric"] for row in self.rows("select metric from metric")}
        if metric not in metrics:
            listed = """`tracker sql "select metric, label from metric"` lists the metrics"""
            return f"there is no metric {metric}; {nearest(metric, metrics, listed)}"
        if not _LABEL.fullmatch(period):
            return f"{period} is no period; {_PERIOD}"
        is_trailing = period.startswith("TTM")
        ends = sorted(
            (row["period_end"], row["fiscal_period"])
            for (known, label), row in self.figures.items()
            if known == metric and label.startswith("TTM") == is_trailing and row["value"] is not None
        )
        if ends:
            return f"{metric} is known from {ends[0][1]} to {ends[-1][1]}; {_PERIOD}"
        bring = f"no source gives its {metric}; bring one in with `tracker ingest` or `tracker fetch`"
        return self._refused(metric) or self._without_calendar() or bring

    def _without_calendar(self) -> str:
        """That figures are stored and cannot be placed in fiscal years; empty where they can."""
        query = """select count(*) as statements from fact_known
                   where entity = $entity and entity not in (select entity from fiscal_year)"""
        (found,) = self.rows(query)
        if not found["statements"]:
            return ""
        return "nothing says when its fiscal years close; give it a fiscal_year_end in entities.toml"

    def _refused(self, metric: str) -> str:
        """What was read of a metric of this or an unknown company and not stored; empty where nothing was."""
        told = self.rows("select path, line, message, remedy from problem where field = $metric", metric=metric)
        if not told:
            return ""
        first = told[0]
        return f"{len(told)} refused, first {first['path']}:{first['line']}: {first['message']}; {first['remedy']}"

    def _record(self, figure: _Row) -> dict[str, Any]:
        (rules,) = self.rows("select max(version) as version from metric")
        return {**_plain(figure), "rules_version": rules["version"]}

    def made_of(self, figure: _Row, operands: tuple[Operand, ...] | None = None) -> tuple[Node, ...]:
        """What a figure is: parts or quarters where it is a sum of them, else its statements; or what is missing.

        `operands` are those of a figure that is not the one shown for its period.
        """
        if figure["value"] is None:
            return self.missing(figure)
        own = self._operands_of(figure) if operands is None else operands
        terms = self._terms(figure, own)
        if terms:
            return tuple(self._term(sign, term) for sign, term in terms)
        return tuple(self.operand(sign, fact_id) for sign, fact_id in own)

    def _term(self, sign: str, figure: _Row) -> Node:
        return Node(
            f"{_shown(sign)} {headline(figure, is_short=True)}",
            {"sign": sign, **_plain(figure)},
            self.made_of(figure),
        )

    def _terms(self, figure: _Row, operands: tuple[Operand, ...]) -> list[tuple[str, _Row]]:
        """The parts, or else the quarters, whose operands put together are the figure's own."""
        for terms in (self._parts(figure), self._quarters(figure)):
            together = [one for sign, term in terms for one in _signed(sign, self._operands_of(term))]
            if len(terms) > 1 and [*operands] == together:
                return terms
        return []

    @cached_property
    def _definitions(self) -> Mapping[str, list[tuple[str, str]]]:
        """Derived metrics with their signed parts, after the company's own definition where it has one."""
        rows = self.rows("select * from metric_definition where entity = $entity order by metric, part_no")
        parts: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            parts.setdefault(row["metric"], []).append(("+" if row["weight"] == 1 else "-", row["part"]))
        return parts

    def _parts(self, figure: _Row) -> list[tuple[str, _Row]]:
        parts = self._definitions.get(figure["metric"], [])
        return [(sign, row) for sign, part in parts if (row := self.figures.get((part, figure["fiscal_period"])))]

    def _quarters(self, figure: _Row) -> list[tuple[str, _Row]]:
        labels = _quarters_of(figure)
        return [("+", row) for label in labels if (row := self.figures.get((figure["metric"], label)))]

    # -- statements ----------------------------------------------------------------------------------

    def facts(self, ids: list[str]) -> list[_Row]:
        """Statements by id, each with the file of its source."""
        wanted = [fact for fact in ids if fact not in self._facts]
        if wanted:
            query = """select s.*, o.file, o.sha256, o.url
                       from statement s left join source o on o.source_id = s.source_id
                       where s.fact_id in (select unhex(unnest($ids)))"""
            self._facts |= {row["fact_id"].hex(): row for row in _rows(self.warehouse, query, {"ids": wanted})}
        return [self._facts[fact] for fact in ids if fact in self._facts]

    def operand(self, sign: str, fact_id: str) -> Node:
        """A statement a value is made of, with its sign, its evidence and the other versions of it."""
        (fact,) = self.facts([fact_id])
        below = (*self.evidence(fact), *self.vintages(fact))
        return Node(f"{_shown(sign)} {statement(fact)}", {"sign": sign, **_plain(fact)}, below)

    def evidence(self, fact: _Row) -> tuple[Node, ...]:
        """The correction a statement is of, and the sentence an article's figure stands in."""
        found = self.around(fact)
        text = f"“{found['sentence']}”" if "sentence" in found else found.get("note")
        corrections = [row for row in self.corrections if row["corrected_id"] == fact["fact_id"]]
        return (
            *(Node(changed_by_hand(row), _plain(row)) for row in corrections),
            *([Node(text, dict(found))] if text else []),
        )

    def taken(self, metric: str, period: str) -> tuple[Node, ...]:
        """The statements of a figure that a person retracted, or said to be of another one."""
        return tuple(
            self.taken_out(row)
            for row in self.corrections
            if (row["entity_before"], row["was_of"]) == (self.entity, metric)
            and period in self._labels.get((row["period_start_before"], row["period_end_before"]), set())
            and self._place(row) != self._place(row, "_before")
        )

    def called(self) -> tuple[Node, ...]:
        """The ids under which the company's statements are stored, where they are not its own."""
        rows = self.rows(
            """select i.stored_as, i.entity, i.cause, i.reason, i.made_by,
                   coalesce(i.made_on, cast(i.recorded_at as date)) as made_on
               from entity_id i
               where i.entity = $entity and not i.is_withdrawn and i.stored_as in (select distinct entity from fact)
               order by 1"""
        )
        return tuple(
            Node(f"stored as {row['stored_as']}, shown as {row['entity']} ({why_called(row)})", _plain(row))
            for row in rows
        )

    def _place(self, correction: _Row, suffix: str = "") -> tuple[object, ...]:
        """The figure a statement is of: nothing where it was retracted."""
        names = ("entity", "concept", "period_start", "period_end")
        return tuple(correction[name + suffix] for name in names) if suffix or correction["corrected_id"] else ()

    @cached_property
    def _labels(self) -> Mapping[tuple[object, object], set[str]]:
        """What the company calls the days it speaks of."""
        labels: dict[tuple[object, object], set[str]] = {}
        rows = self.rows(
            "select distinct period_start, period_end, fiscal_period from statement "
            "where entity = $entity and fiscal_period is not null"
        )
        for row in rows:
            labels.setdefault((row["period_start"], row["period_end"]), set()).add(row["fiscal_period"])
        return labels

    def taken_out(self, correction: _Row) -> Node:
        """A statement that a person retracted or corrected, with what stands in its place."""
        made = self.facts([correction["corrected_id"].hex()]) if correction["corrected_id"] else []
        text = changed_by_hand(correction)
        of = f"fact {short_id(correction['target_id'])} is corrected" if made else ""
        below = tuple(Node(statement(fact), _plain(fact), self.evidence(fact)) for fact in made)
        return Node(f"{of}: {text.removeprefix('corrected ')}" if of else text, _plain(correction), below)

    def vintages(self, fact: _Row) -> tuple[Node, ...]:
        """What the company said of the same days before and after."""
        versions = self.rows(
            """select o.*, v.version_no as own_version
               from version v
               join version o on o.entity = v.entity and o.concept = v.concept and o.unit = v.unit
                   and o.period_end = v.period_end and o.period_start is not distinct from v.period_start
               where v.fact_id = $id order by o.version_no""",
            id=fact["fact_id"],
        )
        return tuple(
            Node(
                f"{'before' if row['version_no'] < row['own_version'] else 'later'}: {version(row)}",
                _plain(row),
            )
            for row in versions
            if row["version_no"] != row["own_version"]
        )

    def statement(self, fact_id: str) -> Node:
        """One statement: what it is part of, and what else was said of the same."""
        found = self.facts([fact_id])
        if not found:
            raise NothingMatchedError(
                f"the fact {fact_id} was withdrawn, or a person has read the same figure otherwise; "
                "`tracker explain COMPANY METRIC PERIOD` shows what holds"
            )
        fact = found[0]
        beside = self.steps(fact) if fact["kind"] == "guidance" else (*self.versions(fact), *self.shown(fact))
        return Node(statement(fact), _plain(fact), (*self.evidence(fact), *beside))

    def versions(self, fact: _Row) -> tuple[Node, ...]:
        rows = self.rows(
            """select * from version where entity = $entity and concept = $concept and unit = $unit
               and period_end = $last and period_start is not distinct from $first order by version_no""",
            concept=fact["concept"], unit=fact["unit"], first=fact["period_start"], last=fact["period_end"],
        )  # fmt: skip
        return tuple(Node(f"version {row['version_no']}: {version(row)}", _plain(row)) for row in rows)

    def shown(self, fact: _Row) -> tuple[Node, ...]:
        """The figure that is shown for what an article states, and whether both can be true."""
        figure = self.figures.get((fact["metric"], fact["fiscal_period"]))
        if figure is None or self._operands_of(figure) == (("+", fact["fact_id"].hex()),):
            return ()
        held = self.held(figure).get(fact["fact_id"].hex(), {})
        judged = self.verdicts(figure).get(fact["fact_id"]) or verdict(fact, held)
        return (Node(f"{judged}; shown is {headline(figure)}", _plain(figure), self.made_of(figure)),)

    # -- beside it -----------------------------------------------------------------------------------

    def growth(self, figure: _Row) -> tuple[Node, ...]:
        """The growth on a year before, with the branch of the value and that of the base."""
        found = self.rows(f"select * from yoy where {_WHICH}", metric=figure["metric"], period=figure["fiscal_period"])
        return tuple(Node(grown(row), _plain(row), self._branches(figure, row)) for row in found)

    def _branches(self, figure: _Row, growth: _Row) -> tuple[Node, ...]:
        base, operands = self._base(growth)
        if base is None or figure["value"] is None:
            return ()
        above = Node(
            f"{figure['fiscal_period']}: {value_of(figure)}, as above",
            {"fiscal_period": figure["fiscal_period"]},
        )
        return (above, Node(f"{headline(base, is_short=True)}", _plain(base), self.made_of(base, operands)))

    def _base(self, growth: _Row) -> tuple[_Row | None, tuple[Operand, ...]]:
        """What a figure is measured against with its operands: on its own basis, or else the figure shown."""
        shown = self.figures.get((growth["metric"], growth["base_period"] or ""))
        own = self._operands_of(shown) if shown else ()
        if shown is None or growth["base"] is None:
            return shown, own
        operands = self._base_operands(growth["metric"], growth["fiscal_period"])
        if operands == own:
            return shown, own
        named = {"value": "base"} | {name: f"base_{name}" for name in _OF_BASE}
        return {**shown, "reason": None, **{name: growth[column] for name, column in named.items()}}, operands

    def _base_operands(self, metric: str, period: str) -> tuple[Operand, ...]:
        rows = self.rows(
            f"select {_OPERAND} from base_operand where {_WHICH} and against = 'year' order by position",
            metric=metric, period=period,
        )  # fmt: skip
        return tuple((row["sign"], row["id"]) for row in rows)

    def promised(self, metric: str, period: str) -> tuple[Node, ...]:
        """Every step of the guidance for a period, and what became of it."""
        steps = self.rows(f"select * from guidance_outcome where {_WHICH} order by step", metric=metric, period=period)
        return tuple(Node(promise(step), _plain(step), self._promise_evidence(step)) for step in steps)

    def _promise_evidence(self, step: _Row) -> tuple[Node, ...]:
        (fact,) = self.facts([step["fact_id"].hex()])
        return (Node(statement(fact), _plain(fact), self.evidence(fact)),)

    def steps(self, fact: _Row) -> tuple[Node, ...]:
        """Where a promise stands among the company's steps, and its outcome with the tree of the actual."""
        rows = self.rows(
            "select * from guidance_outcome where entity = $entity and metric = $metric and unit = $unit "
            "and period_end = $last and period_start is not distinct from $first order by step",
            metric=fact["metric"], unit=fact["unit"], first=fact["period_start"], last=fact["period_end"],
        )  # fmt: skip
        own = [row for row in rows if row["fact_id"] == fact["fact_id"]]
        others = [Node(f"step {row['step']}: {promise(row)}", _plain(row)) for row in rows if row not in own]
        actual = self.figures.get((fact["metric"], fact["fiscal_period"]))
        tree = self.growth(actual) if actual and fact["unit"] == "ratio" else self.made_of(actual) if actual else ()
        outcome = [Node(f"step {row['step']} of {len(rows)}: {promise(row)}", _plain(row), tree) for row in own]
        return (*outcome, *others)

    def others(self, figure: _Row) -> tuple[Node, ...]:
        """Other candidates for the same figure, and the rule that passed them over."""
        rows = self.rows(
            f"select * from conflict where {_WHICH} and kind <> 'claim' order by other_concept, other_place",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        operands = self._candidate_operands(figure) if rows else {}
        return tuple(
            Node(
                f"passed over: {amount_text(row['other_value'], row['other_unit'])} {row['other_concept']}, "
                f"{row['other_method']}; {row['rule']}",
                _plain(row),
                tuple(self.operand(sign, fact_id) for sign, fact_id in operands[row["other_place"]]),
            )
            for row in rows
        )

    def _candidate_operands(self, figure: _Row) -> Mapping[int, tuple[Operand, ...]]:
        """The operands of every candidate for a figure, by its place in the order of choice."""
        rows = self.rows(
            f"select place, {_OPERAND} from candidate_operand where {_WHICH} order by place, position",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return _grouped(rows, lambda row: row["place"])

    def claims(self, figure: _Row) -> tuple[Node, ...]:
        """What others state of the same figure and period, and whether it can be true beside the value shown."""
        asked = {"metric": figure["metric"], "period": figure["fiscal_period"]}
        claims = self.rows(
            f"""select lower(hex(fact_id)) as id from statement where {_WHICH} and concept like 'stated:%'
                and fact_id not in (select fact_id from guidance_outcome) order by source_id, span_start""",
            **asked,
        )
        verdicts, held = self.verdicts(figure), self.held(figure)
        own = {fact_id for _, fact_id in self._operands_of(figure)}
        return tuple(
            Node(
                f"{verdicts.get(claim['fact_id']) or verdict(claim, held.get(fact, {}))}: {statement(claim)}"
                f"{'; ' + held[fact]['rule'] if fact in held else ''}",
                _plain(claim) | held.get(fact, {}),
                self.evidence(claim),
            )
            for claim in self.facts([row["id"] for row in claims if row["id"] not in own])
            if (fact := claim["fact_id"].hex())
        )

    def held(self, figure: _Row) -> Mapping[str, dict[str, Any]]:
        """How each statement of a figure stands beside the value shown, by its id: state, reason, rule."""
        rows = self.rows(
            f"""select fact_id, state, reason as state_reason, rule from reconciliation
                where {_WHICH} and fact_id is not null""",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return {row.pop("fact_id").hex(): _plain(row) for row in rows}

    def verdicts(self, figure: _Row) -> Mapping[bytes, str]:
        """How claims of growth stand against what was filed."""
        held = self.rows(
            f"select fact_id, filed_verdict from stated_growth where {_WHICH}",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return {row["fact_id"]: row["filed_verdict"].replace("_", " ") for row in held}

    # -- what is not known ---------------------------------------------------------------------------

    def missing(self, figure: _Row) -> tuple[Node, ...]:
        """Return what a figure that cannot be derived would need, and which of it is there."""
        if figure["span"] == "ttm":
            return self._missing_of(self._quarters(figure), _quarters_of(figure))
        parts = self._definitions.get(figure["metric"], [])
        if parts:
            return self._missing_of(self._parts(figure), [part for _, part in parts])
        additive = self.rows("select is_additive from metric where metric = $metric", metric=figure["metric"])
        wanted = Node(needed(figure, is_additive=bool(additive and additive[0]["is_additive"])), {})
        at_hand = [self.figures.get((figure["metric"], label)) for label in derived_from(figure)]
        return (wanted, *(Node(headline(row, is_short=True), _plain(row)) for row in at_hand if row))

    def _missing_of(self, terms: list[tuple[str, _Row]], names: list[str]) -> tuple[Node, ...]:
        """The terms of a sum that lacks some: what is needed, and each term that is there or why it is not."""
        known = {row[key] for _, row in terms for key in ("metric", "fiscal_period") if row["value"] is not None}
        wanted = Node(f"needed: {', '.join(name for name in names if name not in known)}", {})
        told = [
            Node(
                f"{_shown(sign)} {headline(row, is_short=True)}",
                {"sign": sign, **_plain(row)},
                self.missing(row) if row["value"] is None else (),
            )
            for sign, row in terms
        ]
        return (wanted, *told)


def _quarters_of(figure: _Row) -> list[str]:
    """The quarters that make up a longer period."""
    last = figure["fiscal_year"] * 4 + figure["fiscal_quarter"] - 1
    count = {"half": 2, "nine_months": 3, "year": 4, "ttm": 4}.get(figure["span"], 0)
    return [f"{place // 4}Q{place % 4 + 1}" for place in range(last - count + 1, last + 1)]


def _shown(sign: str) -> str:
    return _MINUS if sign == "-" else sign


def _signed(sign: str, operands: tuple[Operand, ...]) -> list[Operand]:
    """A term's operands as they enter a sum."""
    turned = {"+": "-", "-": "+"}
    return [(own if sign == "+" else turned[own], fact_id) for own, fact_id in operands]


def _grouped(rows: Sequence[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, tuple[Operand, ...]]:
    """Operands by what they are the operands of, in the order of the rows."""
    found: dict[_Key, list[Operand]] = {}
    for row in rows:
        found.setdefault(key(row), []).append((row["sign"], row["id"]))
    return {name: tuple(operands) for name, operands in found.items()}


def _rows(warehouse: Warehouse, query: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    asked = {name: value for name, value in parameters.items() if f"${name}" in query}
    return warehouse.records(query, asked)


def _plain(row: _Row) -> dict[str, Any]:
    """A row for JSON: exact digits as text, ids as hex, what is not known left out."""
    return {key: _bare(value) for key, value in row.items() if value is not None}


def _bare(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
