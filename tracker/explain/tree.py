"""Explain a number as a tree, from the value shown down to accession numbers and characters of articles.

A number rests on parts or quarters, these on statements with their signs, and these on filings or on characters of an
article. Beside the number stand its growth, guidance for it, claims about it, and the candidates not chosen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.errors import NothingMatchedError
from tracker.explain.company_statements import (
    CompanyStatements,
    find_fact,
    find_id_in_force,
    print_sign,
    read_corrections,
)
from tracker.explain.node import Node, make_node, row_to_json
from tracker.explain.text import (
    describe_conversion,
    describe_dispute,
    describe_figure,
    describe_growth,
    describe_needed,
    describe_promise,
    describe_statement,
    describe_verdict,
    list_periods_needed,
    print_value,
)
from tracker.model.company_names import nearest
from tracker.model.quantity import amount_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.explain.company_statements import Quote
    from tracker.explain.company_statements import Row as _Row
    from tracker.warehouse.reader import Warehouse

    #: A statement in a sum: its sign (`+` or `-`) and its id.
    Operand = tuple[str, str]

_Key = TypeVar("_Key")

__all__ = ["explain_fact", "explain_figure"]

_WHICH: Final = "entity = $entity and metric = $metric and fiscal_period = $period"
_LABEL: Final = re.compile(r"(TTM)?\d{4}Q[1-4]|\d{4}(H[12]|M9)|FY\d{4}", re.ASCII)
_PERIOD: Final = "write the period as 2024Q2, 2024H1, 2024M9, FY2024 or TTM2024Q2"
_NO_RATES: Final = "put a table of exchange rates that has it into seeds/fx.csv, and ask for a quarter or year in money"
#: The columns on a base that `yoy` has beside its value.
_OF_BASE: Final = ("low", "high", "method", "definition", "basis", "operands")
_OPERAND: Final = "position, case when sign = 1 then '+' else '-' end as sign, lower(hex(fact_id)) as id"


def explain_figure(  # noqa: PLR0913, PLR0917 - what is asked for
    warehouse: Warehouse,
    entity: str,
    metric: str,
    period: str,
    quote: Quote = lambda _: {},
    currency: str | None = None,
) -> Node:
    """Explain the value shown for a company, metric and period: what it rests on, and what others state about it.

    `entity` may be an id, a ticker or a name. `period` is a quarter, half-year, nine months, year, or the four quarters
    up to one (`TTM2024Q2`). With a `currency`, the amount in it comes first, with its rate.

    Raises:
        NothingMatchedError: no source states, promises or claims anything about it.

    """
    company = warehouse.entity_of(entity)
    with warehouse.for_companies([company]) as narrow:
        explainer = _Explainer(CompanyStatements(narrow, company, quote, read_corrections(warehouse, company)))
        tree = explainer.explain_figure(metric, period)
        converted = explainer.list_conversion(metric, period, currency) if currency else ()
        return replace(tree, below=(*converted, *tree.below))


def explain_fact(warehouse: Warehouse, fact_id: str, quote: Quote = lambda _: {}) -> Node:
    """Explain one statement: its evidence, its versions, and the figure or outcome that it belongs to.

    `fact_id` may be the beginning of an id. A corrected statement is shown with the one in its place.
    """
    found, stored_as = find_fact(warehouse, fact_id)
    entity = find_id_in_force(warehouse, stored_as)
    by_target = {row["target_id"].hex(): row for row in read_corrections(warehouse, None)}
    correction = by_target.get(found)
    with warehouse.for_companies([correction["entity"] if correction else entity]) as narrow:
        company = correction["entity"] if correction else entity
        statements = CompanyStatements(narrow, company, quote, [*by_target.values()])
        return (
            statements.explain_correction(correction) if correction else _Explainer(statements).explain_statement(found)
        )


class _Explainer:
    """Explains figures and statements of one company; it reads what is known of the company once."""

    def __init__(self, statements: CompanyStatements) -> None:
        self.statements = statements
        self.entity = statements.entity
        self.read_rows = statements.read_rows

    @cached_property
    def figures(self) -> Mapping[tuple[str, str], _Row]:
        """Return every figure by metric and period; sums of four quarters have the period `TTM...`."""
        figures = self.read_rows("select * from figure where entity = $entity")
        trailing = self.read_rows(
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
        """Return the signed statements of every figure, by metric and period."""
        rows = self.read_rows(
            f"""select metric, fiscal_period as label, {_OPERAND} from operand where entity = $entity
                union all
                select metric, 'TTM' || fiscal_period as label, {_OPERAND} from ttm_operand where entity = $entity
                order by metric, label, position"""
        )
        return _group_operands(rows, lambda row: (row["metric"], row["label"]))

    def _find_operands(self, figure: _Row) -> tuple[Operand, ...]:
        return self.operands.get((figure["metric"], figure["fiscal_period"]), ())

    # -- a figure ------------------------------------------------------------------------------------

    def explain_figure(self, metric: str, period: str) -> Node:
        """Explain a figure: what it rests on, then everything that stands beside it."""
        figure = self.figures.get((metric, period))
        promised = self.list_promises(metric, period)
        if figure is None:
            return self._explain_unreported(metric, period, promised)
        taken = self.statements.list_corrections(metric, period)
        beside = (
            self.explain_growth(figure),
            promised,
            self.list_alternatives(figure),
            self.list_disputes(metric, period),
            self.list_claims(figure),
            taken,
            self.statements.list_stored_ids(),
        )
        return Node(
            describe_figure(figure),
            self._make_record(figure),
            (*self.list_components(figure), *(node for part in beside for node in part)),
        )

    def list_conversion(self, metric: str, period: str, currency: str) -> tuple[Node, ...]:
        """List the amount of a figure in another currency, with its rate, or the reason why there is none."""
        rows = self.read_rows(
            f"select * from converted_figure where {_WHICH} and currency = $currency",
            metric=metric, period=period, currency=currency,
        )  # fmt: skip
        if not rows:
            raise NothingMatchedError(f"nothing converts {metric} {period} into {currency}; {_NO_RATES}")
        return tuple(make_node(describe_conversion(row), row) for row in rows)

    def _explain_unreported(self, metric: str, period: str, promised: tuple[Node, ...]) -> Node:
        """Explain a figure that no source states by what was promised and claimed about it."""
        values = {"entity": self.entity, "metric": metric, "fiscal_period": period}
        claims = self.list_claims({**values, "value": None, "unit": None})
        disputes = self.list_disputes(metric, period)
        nodes = (*promised, *disputes, *claims, *self.statements.list_corrections(metric, period))
        if not nodes:
            hint = self._suggest(metric, period)
            raise NothingMatchedError(f"nothing is known of {self.entity} {metric} {period}; {hint}")
        return Node(f"{self.entity}, {metric}, {period}: not reported", values, nodes)

    def _suggest(self, metric: str, period: str) -> str:
        """Suggest another question: a known metric, a known period, or a way to get figures."""
        metrics = {row["metric"] for row in self.read_rows("select metric from metric")}
        if metric not in metrics:
            listed = """`tracker sql "select metric, label from metric"` lists the metrics"""
            return f"there is no metric {metric}; {nearest(metric, metrics, listed)}"
        if not _LABEL.fullmatch(period):
            return f"{period} is not a period; {_PERIOD}"
        is_trailing = period.startswith("TTM")
        ends = sorted(
            (row["period_end"], row["fiscal_period"])
            for (known, label), row in self.figures.items()
            if known == metric and label.startswith("TTM") == is_trailing and row["value"] is not None
        )
        if ends:
            return f"{metric} is known from {ends[0][1]} to {ends[-1][1]}; {_PERIOD}"
        bring = f"no source gives its {metric}; bring one in with `tracker ingest` or `tracker fetch`"
        return self._describe_refusals(metric) or self._describe_missing_calendar() or bring

    def _describe_missing_calendar(self) -> str:
        """Say that stored figures cannot be placed in fiscal years; empty if they can."""
        query = """select count(*) as statements from fact_known
                   where entity = $entity and entity not in (select entity from fiscal_year)"""
        (found,) = self.read_rows(query)
        if not found["statements"]:
            return ""
        return "no source says when its fiscal years close; give it a fiscal_year_end in entities.toml"

    def _describe_refusals(self, metric: str) -> str:
        """Describe the figures of a metric that were read and refused; empty if there are none."""
        query = "select path, line, message, remedy from problem where field = $metric"
        refusals = self.read_rows(query, metric=metric)
        if not refusals:
            return ""
        first = refusals[0]
        return f"{len(refusals)} refused, first {first['path']}:{first['line']}: {first['message']}; {first['remedy']}"

    def _make_record(self, figure: _Row) -> dict[str, Any]:
        (rules,) = self.read_rows("select max(version) as version from metric")
        return {**row_to_json(figure), "rules_version": rules["version"]}

    def list_components(self, figure: _Row, operands: tuple[Operand, ...] | None = None) -> tuple[Node, ...]:
        """List what a figure consists of: its parts or quarters, else its statements; or what is missing.

        `operands` is given for a figure that is not the one shown for its period.
        """
        if figure["value"] is None:
            return self.explain_missing(figure)
        own = self._find_operands(figure) if operands is None else operands
        terms = self._find_terms(figure, own)
        if terms:
            return tuple(self._make_term(sign, term) for sign, term in terms)
        return tuple(self.statements.make_operand(sign, fact_id) for sign, fact_id in own)

    def _make_term(self, sign: str, figure: _Row) -> Node:
        return Node(
            f"{print_sign(sign)} {describe_figure(figure, is_short=True)}",
            {"sign": sign, **row_to_json(figure)},
            self.list_components(figure),
        )

    def _find_terms(self, figure: _Row, operands: tuple[Operand, ...]) -> list[tuple[str, _Row]]:
        """Find the parts, else the quarters, whose operands together are those of the figure."""
        for terms in (self._find_parts(figure), self._find_quarters(figure)):
            together = [one for sign, term in terms for one in _apply_sign(sign, self._find_operands(term))]
            if len(terms) > 1 and [*operands] == together:
                return terms
        return []

    @cached_property
    def _definitions(self) -> Mapping[str, list[tuple[str, str]]]:
        """Return the signed parts of each derived metric, by the company's own definition if it has one."""
        rows = self.read_rows("select * from metric_definition where entity = $entity order by metric, part_no")
        parts: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            parts.setdefault(row["metric"], []).append(("+" if row["weight"] == 1 else "-", row["part"]))
        return parts

    def _find_parts(self, figure: _Row) -> list[tuple[str, _Row]]:
        parts = self._definitions.get(figure["metric"], [])
        return [(sign, row) for sign, part in parts if (row := self.figures.get((part, figure["fiscal_period"])))]

    def _find_quarters(self, figure: _Row) -> list[tuple[str, _Row]]:
        labels = _list_quarters(figure)
        return [("+", row) for label in labels if (row := self.figures.get((figure["metric"], label)))]

    # -- one statement -------------------------------------------------------------------------------

    def explain_statement(self, fact_id: str) -> Node:
        """Explain one statement: its evidence, the other statements of the same figure, and its figure."""
        found = self.statements.read_facts([fact_id])
        if not found:
            raise NothingMatchedError(
                f"the fact {fact_id} was withdrawn, or a person has corrected it; "
                "`tracker explain COMPANY METRIC PERIOD` shows what stands"
            )
        fact, others = found[0], self.statements
        beside = (
            self.list_steps(fact)
            if fact["kind"] == "guidance"
            else (*others.list_witnesses(fact), *others.list_versions(fact), *self.compare_with_figure(fact))
        )
        return make_node(describe_statement(fact), fact, (*others.list_evidence(fact), *beside))

    def compare_with_figure(self, fact: _Row) -> tuple[Node, ...]:
        """Compare an article's statement with the figure shown, and say whether both can be true."""
        figure = self.figures.get((fact["metric"], fact["fiscal_period"]))
        if figure is None or self._find_operands(figure) == (("+", fact["fact_id"].hex()),):
            return ()
        comparisons = self.read_comparisons(figure).get(fact["fact_id"].hex(), {})
        verdict = self.read_verdicts(figure).get(fact["fact_id"]) or describe_verdict(fact, comparisons)
        return (make_node(f"{verdict}; shown is {describe_figure(figure)}", figure, self.list_components(figure)),)

    # -- beside a figure -----------------------------------------------------------------------------------

    def explain_growth(self, figure: _Row) -> tuple[Node, ...]:
        """Explain the growth on a year before, with the value and the base as branches."""
        found = self.read_rows(
            f"select * from yoy where {_WHICH}", metric=figure["metric"], period=figure["fiscal_period"]
        )
        return tuple(make_node(describe_growth(row), row, self._make_branches(figure, row)) for row in found)

    def _make_branches(self, figure: _Row, growth: _Row) -> tuple[Node, ...]:
        base, operands = self._find_base(growth)
        if base is None or figure["value"] is None:
            return ()
        above = Node(
            f"{figure['fiscal_period']}: {print_value(figure)}, as above",
            {"fiscal_period": figure["fiscal_period"]},
        )
        return (
            above,
            make_node(f"{describe_figure(base, is_short=True)}", base, self.list_components(base, operands)),
        )

    def _find_base(self, growth: _Row) -> tuple[_Row | None, tuple[Operand, ...]]:
        """Find the base of a growth rate and its operands: on the figure's own basis, else the figure shown."""
        current = self.figures.get((growth["metric"], growth["base_period"] or ""))
        own = self._find_operands(current) if current else ()
        if current is None or growth["base"] is None:
            return current, own
        operands = self._read_base_operands(growth["metric"], growth["fiscal_period"])
        if operands == own:
            return current, own
        named = {"value": "base"} | {name: f"base_{name}" for name in _OF_BASE}
        return {**current, "reason": None, **{name: growth[column] for name, column in named.items()}}, operands

    def _read_base_operands(self, metric: str, period: str) -> tuple[Operand, ...]:
        rows = self.read_rows(
            f"select {_OPERAND} from base_operand where {_WHICH} and against = 'year' order by position",
            metric=metric, period=period,
        )  # fmt: skip
        return tuple((row["sign"], row["id"]) for row in rows)

    def list_promises(self, metric: str, period: str) -> tuple[Node, ...]:
        """List every step of the guidance for a period, with its outcome."""
        steps = self.read_rows(
            f"select * from guidance_outcome where {_WHICH} order by step", metric=metric, period=period
        )
        return tuple(make_node(describe_promise(step), step, self._list_promise_evidence(step)) for step in steps)

    def _list_promise_evidence(self, step: _Row) -> tuple[Node, ...]:
        (fact,) = self.statements.read_facts([step["fact_id"].hex()])
        return (make_node(describe_statement(fact), fact, self.statements.list_evidence(fact)),)

    def list_steps(self, fact: _Row) -> tuple[Node, ...]:
        """List the steps of a promise: first the step itself with its outcome, then the others."""
        rows = self.read_rows(
            "select * from guidance_outcome where entity = $entity and metric = $metric and unit = $unit "
            "and period_end = $last and period_start is not distinct from $first order by step",
            metric=fact["metric"], unit=fact["unit"], first=fact["period_start"], last=fact["period_end"],
        )  # fmt: skip
        own = [row for row in rows if row["fact_id"] == fact["fact_id"]]
        others = [make_node(f"step {row['step']}: {describe_promise(row)}", row) for row in rows if row not in own]
        actual = self.figures.get((fact["metric"], fact["fiscal_period"]))
        below = self._explain_actual(actual, fact["unit"]) if actual else ()
        outcome = [make_node(f"step {row['step']} of {len(rows)}: {describe_promise(row)}", row, below) for row in own]
        return (*outcome, *others)

    def _explain_actual(self, actual: _Row, unit: str) -> tuple[Node, ...]:
        """Explain the actual figure for a forecast; its growth if growth was promised."""
        return self.explain_growth(actual) if unit == "ratio" else self.list_components(actual)

    def list_alternatives(self, figure: _Row) -> tuple[Node, ...]:
        """List the candidates for a figure that were not chosen, and the rule why not."""
        rows = self.read_rows(
            f"""select * from conflict where {_WHICH} and kind not in ('claim', 'print')
                order by other_concept, other_place""",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        operands = self._read_candidate_operands(figure) if rows else {}
        return tuple(
            make_node(
                f"passed over: {amount_text(row['other_value'], row['other_unit'])} {row['other_concept']}, "
                f"{row['other_method']}; {row['rule']}",
                row,
                tuple(self.statements.make_operand(sign, fact_id) for sign, fact_id in operands[row["other_place"]]),
            )
            for row in rows
        )

    def _read_candidate_operands(self, figure: _Row) -> Mapping[int, tuple[Operand, ...]]:
        """Read the operands of every candidate for a figure, by its place in the order of choice."""
        rows = self.read_rows(
            f"select place, {_OPERAND} from candidate_operand where {_WHICH} order by place, position",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return _group_operands(rows, lambda row: row["place"])

    def list_disputes(self, metric: str, period: str) -> tuple[Node, ...]:
        """List the figures of the period that a filing prints with contradicting values, each with its statements."""
        rows = self.read_rows(
            """select * from disputed
                where entity = $entity and fiscal_period = $period
                  and concept in (select concept from metric_tag where metric = $metric)
                order by filing, concept, unit, period_start, position""",
            metric=metric, period=period,
        )  # fmt: skip
        same = itemgetter("filing", "concept", "unit", "period_start", "period_end")
        return tuple(self._make_dispute(list(prints)) for _, prints in groupby(rows, same))

    def _make_dispute(self, prints: list[_Row]) -> Node:
        facts = self.statements.read_facts([row["fact_id"].hex() for row in prints])
        nodes = tuple(make_node(describe_statement(fact), fact, self.statements.list_evidence(fact)) for fact in facts)
        return make_node(describe_dispute(prints), prints[0], nodes)

    def list_claims(self, figure: _Row) -> tuple[Node, ...]:
        """List what others state of a figure, and whether it can be true beside the value shown."""
        values = {"metric": figure["metric"], "period": figure["fiscal_period"]}
        claims = self.read_rows(
            f"""select lower(hex(fact_id)) as id from statement where {_WHICH} and concept like 'stated:%'
                and fact_id not in (select fact_id from guidance_outcome) order by source_id, span_start""",
            **values,
        )
        own = {fact_id for _, fact_id in self._find_operands(figure)}
        facts = self.statements.read_facts([row["id"] for row in claims if row["id"] not in own])
        verdicts, comparisons = self.read_verdicts(figure), self.read_comparisons(figure)
        return tuple(
            self._make_claim(fact, verdicts.get(fact["fact_id"]), comparisons.get(fact["fact_id"].hex(), {}))
            for fact in facts
        )

    def _make_claim(self, fact: _Row, verdict: str | None, comparison: dict[str, Any]) -> Node:
        """Make the node of a claim: its verdict, the statement, and the rule of the comparison."""
        rule = f"; {comparison['rule']}" if comparison else ""
        text = f"{verdict or describe_verdict(fact, comparison)}: {describe_statement(fact)}{rule}"
        return Node(text, row_to_json(fact) | comparison, self.statements.list_evidence(fact))

    def read_comparisons(self, figure: _Row) -> Mapping[str, dict[str, Any]]:
        """Read how each statement of a figure compares with the value shown, by its id: state, reason, rule."""
        rows = self.read_rows(
            f"""select fact_id, state, reason as state_reason, rule from reconciliation
                where {_WHICH} and fact_id is not null""",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return {row.pop("fact_id").hex(): row_to_json(row) for row in rows}

    def read_verdicts(self, figure: _Row) -> Mapping[bytes, str]:
        """Read the verdict on each claim of growth, against what was filed."""
        rows = self.read_rows(
            f"select fact_id, filed_verdict from stated_growth where {_WHICH}",
            metric=figure["metric"], period=figure["fiscal_period"],
        )  # fmt: skip
        return {row["fact_id"]: row["filed_verdict"].replace("_", " ") for row in rows}

    # -- missing figures -----------------------------------------------------------------------------

    def explain_missing(self, figure: _Row) -> tuple[Node, ...]:
        """Explain why a figure cannot be derived: what it needs, and which of it is known."""
        if figure["span"] == "ttm":
            return self._explain_missing_terms(self._find_quarters(figure), _list_quarters(figure))
        parts = self._definitions.get(figure["metric"], [])
        if parts:
            return self._explain_missing_terms(self._find_parts(figure), [part for _, part in parts])
        additive = self.read_rows("select is_additive from metric where metric = $metric", metric=figure["metric"])
        need = Node(describe_needed(figure, is_additive=bool(additive and additive[0]["is_additive"])), {})
        at_hand = [self.figures.get((figure["metric"], label)) for label in list_periods_needed(figure)]
        return (need, *(make_node(describe_figure(row, is_short=True), row) for row in at_hand if row))

    def _explain_missing_terms(self, terms: list[tuple[str, _Row]], names: list[str]) -> tuple[Node, ...]:
        """Explain an incomplete sum: the terms that are needed, and for each term its value or why it is missing."""
        known = {row[key] for _, row in terms for key in ("metric", "fiscal_period") if row["value"] is not None}
        need = Node(f"needed: {', '.join(name for name in names if name not in known)}", {})
        nodes = [
            Node(
                f"{print_sign(sign)} {describe_figure(row, is_short=True)}",
                {"sign": sign, **row_to_json(row)},
                self.explain_missing(row) if row["value"] is None else (),
            )
            for sign, row in terms
        ]
        return (need, *nodes)


def _list_quarters(figure: _Row) -> list[str]:
    """List the quarters of a longer period."""
    last = figure["fiscal_year"] * 4 + figure["fiscal_quarter"] - 1
    count = {"half": 2, "nine_months": 3, "year": 4, "ttm": 4}.get(figure["span"], 0)
    return [f"{place // 4}Q{place % 4 + 1}" for place in range(last - count + 1, last + 1)]


def _apply_sign(sign: str, operands: tuple[Operand, ...]) -> list[Operand]:
    """Apply the sign of a term to its operands."""
    turned = {"+": "-", "-": "+"}
    return [(own if sign == "+" else turned[own], fact_id) for own, fact_id in operands]


def _group_operands(rows: Sequence[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, tuple[Operand, ...]]:
    """Group operands by a key, in the order of the rows."""
    found: dict[_Key, list[Operand]] = {}
    for row in rows:
        found.setdefault(key(row), []).append((row["sign"], row["id"]))
    return {name: tuple(operands) for name, operands in found.items()}
