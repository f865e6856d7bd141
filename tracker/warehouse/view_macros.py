"""The macros that views use, and the table `qualifier`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from tracker.model.metric import metrics_never_below_zero
from tracker.model.quantity import QUALIFIERS
from tracker.warehouse.reasons import doubt_macros, text_macros
from tracker.warehouse.view_files import split_words

__all__ = ["macros_sql", "plain_macros_sql", "qualifier_body", "qualifier_sql", "uses_macros", "written_macros"]


def uses_macros(text: str) -> bool:
    """Return whether a SQL text calls one of the views' macros, or reads the table `qualifier` that comes with them."""
    return not {*_CALL.findall(text.lower())}.isdisjoint(_macro_names()) or _QUALIFIER in split_words(text)


@cache
def _macro_names() -> frozenset[str]:
    return frozenset({_SIGN, *_MACRO.findall(f"{doubt_macros()}\n{written_macros()}\n{text_macros()}")})


_QUALIFIER: Final = "qualifier"
_CALL: Final = re.compile(r"([a-z_]\w*)\s*\(")
_MACRO: Final = re.compile(r"create or replace macro (\w+)\(")


@cache
def macros_sql() -> str:
    """Return the SQL that defines the views' macros, and the table `qualifier`."""
    return f"{text_macros()}\n{plain_macros_sql()}"


@cache
def plain_macros_sql() -> str:
    """Return the same SQL without the macros that make texts of codes."""
    return f"set timezone = 'UTC';\n{_sign_macro()}\n{doubt_macros()}\n{written_macros()}\n{qualifier_sql()}"


@cache
def written_macros() -> str:
    """Return the macros that are written in a file of their own."""
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
