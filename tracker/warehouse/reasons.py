"""Reasons as codes: why there is no figure, which rule chose one, what changed one.

`views/reasons.toml` has every code with its English text. Views give a code with its parameters, and make the text with
a macro that `text_macros` writes from that table; the texts in other languages belong to the reports. Nothing reads a
text back.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import amount_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

__all__ = ["Amount", "Days", "Reason", "doubt_macros", "read_reason", "templates", "text_macros", "topics"]

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
#: Parameters that are codes themselves, with the topic of these codes.
_CODES: Final = {"reason": "reason", "because": "reason", "basis": "basis"}


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in whole units of `unit`, or the two ends of a range; an open end is None."""

    ends: tuple[Decimal | None, ...]
    unit: str

    def __str__(self) -> str:
        *before, last = self.ends
        return " to ".join([*map(amount_text, before), amount_text(last, self.unit)])


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first to the last, both included; a single day has no first."""

    first: date | None
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}" if self.first else str(self.last)


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of `reasons.toml` with its parameters by name. Printed, it is its English text.

    The parameter `subject` leads to what the reason is about: `2023Q4/capex_ppe`.

    >>> print(Reason("figure_in_unit", {"subject": "2023Q4", "unit": "EUR"}))
    2023Q4: the figure is in EUR
    """

    code: str
    parameters: Mapping[str, str | date | Days | Amount | Reason] = field(default_factory=dict)

    def __str__(self) -> str:
        steps = str(self.parameters.get("subject", "")).split("/")
        return ": ".join([*filter(None, steps), templates()[self.code].format_map(self.parameters)])


@cache
def topics() -> Mapping[str, Mapping[str, str]]:
    """Return the English templates by topic and code."""
    text = files("tracker.warehouse").joinpath("views", "reasons.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def templates() -> Mapping[str, str]:
    """Return the English template of every code that a reason may have: of all topics but doubts, which are bases."""
    return {code: text for topic, codes in topics().items() if topic != "doubt" for code, text in codes.items()}


def read_reason(code: str | None, parameters: Mapping[str, str] | None) -> Reason | None:
    """Make a reason from the columns of a view; None if the row has no reason.

    >>> print(read_reason("withdrawn_on", {"day": "2024-07-31"}))
    withdrawn on 2024-07-31
    """
    if code is None:
        return None
    given = parameters or {}
    subject = {"subject": given["subject"]} if "subject" in given else {}
    taken = {name: _read_parameter(name, given) for name in _PARAMETER.findall(templates()[code])}
    return Reason(code, {**subject, **taken})


def _read_parameter(name: str, given: Mapping[str, str]) -> str | date | Reason:
    value = given[name]
    if name == "because":
        return Reason(value, {"subject": given["period"]} if "period" in given else {})
    if name in _CODES:
        return Reason(value, {"what": given["what"]} if "what" in given else {})
    return date.fromisoformat(value) if name == "day" else value


# -- the macros of the views ------------------------------------------------------------------------


def text_macros() -> str:
    """Return the SQL macros that make the English text of a code with its parameters, one for each topic."""
    plain = {code: text for code, text in topics()["reason"].items() if "{" not in text}
    return "\n".join(
        [
            f"create or replace macro plain_reason_text(code) as {_case(plain)};",
            *(f"create or replace macro {topic}_text(code, parameters) as {_text_sql(topic)};" for topic in _IN_VIEWS),
        ]
    )


def doubt_macros() -> str:
    """Return the SQL macros for amounts in doubt: one makes the basis for a doubt, the other the code of a basis."""
    return (
        f"create or replace macro doubt_text(code) as {_case(topics()['doubt'])};\n"
        f"create or replace macro doubt_code(basis) as {_code_sql('doubt')};"
    )


#: A macro stands after those it uses.
_IN_VIEWS: Final = ("basis", "rule", "reason")


def _text_sql(topic: str) -> str:
    """Return the SQL of a text with the path to its subject in front; NULL if there is no code."""
    before = "coalesce(replace(parameters['subject'], '/', ': ') || ': ', '')"
    return f"case when code is not null then {before} || {_case(topics()[topic])} end"


def _code_sql(topic: str) -> str:
    """Return the SQL of the code whose text a basis is; NULL if it is not a text of this topic."""
    return "case basis " + " ".join(f"when '{text}' then '{code}'" for code, text in topics()[topic].items()) + " end"


def _case(texts: Mapping[str, str]) -> str:
    branches = " ".join(f"when '{code}' then {_fill_sql(text)}" for code, text in texts.items())
    return f"case code {branches} end"


def _fill_sql(template: str) -> str:
    """Return the SQL of a template with its parameters filled in."""
    pieces = _PARAMETER.split(template)  # text and names of parameters in turn
    made = [_parameter(piece) if at % 2 else "'" + piece.replace("'", "''") + "'" for at, piece in enumerate(pieces)]
    return " || ".join(piece for piece in made if piece != "''")


def _parameter(name: str) -> str:
    value = f"parameters['{name}']"
    if name == "because":
        return f"coalesce(parameters['period'] || ': ', '') || plain_reason_text({value})"
    if name == "reason":
        return f"plain_reason_text({value})"
    return f"basis_text({value}, parameters)" if name == "basis" else value
