"""Read the statements of a company facts file from its bytes, column by column.

Two readers give the same result. One scans all statements of a file at once with NumPy. The other reads them one by one
and describes what is wrong. The first one answers only if it can prove that it reads correctly: every object is
accounted for, every key stands once and in its own statement, and there are no escapes. Otherwise the second one reads
the file, some ten times slower.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from tracker.errors import InputError, Problem
from tracker.model.arrays import Numbers, array_of, encoded, stretches
from tracker.model.quantity import miswritten_currency

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["File", "Statements", "parse", "problem"]


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements as arrays of texts, each as it stands in the file; NULL if a start or a form is not given."""

    concept: pa.Array
    unit: pa.Array
    start: pa.Array
    end: pa.Array
    val: pa.Array
    accn: pa.Array
    form: pa.Array
    filed: pa.Array


@dataclass(frozen=True, slots=True)
class File:
    """The content of a company facts file: the company and its statements."""

    cik: int
    name: str | None
    statements: Statements


def parse(data: bytes, place: str) -> tuple[File, list[Problem]]:
    """Read a file; return it with the problems found. InputError if it is not a company facts file."""
    file = _scanned(data)
    return (file, []) if file else _read_singly(data, place)


def _is_cik(cik: object) -> bool:
    return bool(_CIK.fullmatch(str(cik)) and 0 < int(str(cik)) < 10**10)


_CIK: Final = re.compile(r"\d{1,20}", re.ASCII)  # Python turns no text of thousands of digits into a number


def problem(place: str, code: str, message: str, remedy: str) -> Problem:
    """Return what is wrong at a place in a file or archive."""
    return Problem(place, None, None, code, message, remedy)


# -- all at once -------------------------------------------------------------------------------------


class _Concept(msgspec.Struct, gc=False):
    units: dict[str, msgspec.Raw] | None = None


class _Document(msgspec.Struct):
    """A file, decoded down to its lists of statements, which stay bytes."""

    cik: int | str
    facts: dict[str, dict[str, _Concept]]
    entityName: str | None = None  # noqa: N815 - the SEC's key


_DECODE: Final = msgspec.json.Decoder(_Document).decode
_QUOTE, _OPEN, _CLOSE, _COMMA, _SPACE, _NULL, _LIST, _END = b'"{}, n[]'
#: Bytes behind the text, so that a whole key can be read from any place in it.
_MARGIN: Final = bytes(8)
_IN_NUMBERS: Final = np.isin(np.arange(256), list(b"0123456789+-.eE"))


def _scanned(data: bytes) -> File | None:
    """Read the file by scanning; None if any part is not as regular as the SEC writes it."""
    try:
        document = _DECODE(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not _is_cik(document.cik) or any(data.count(key) > 1 for key in _HEAD):
        return None
    lists = [
        (f"{space}:{name}", unit, memoryview(listed))
        for space, concepts in document.facts.items()
        for name, concept in concepts.items()
        for unit, listed in (concept.units or {}).items()
    ]
    full = [(concept, unit, text) for concept, unit, text in lists if text.nbytes > len("[]")]
    statements = _Scan([text for _, _, text in full]).statements([(concept, unit) for concept, unit, _ in full])
    if len(full) < len(lists) or not all(map(_is_regular, document.facts.values())):
        return None
    if statements is None or _count_letter(data, _OPEN) != _count_objects(document) + len(statements.val):
        return None  # where a key stands twice the decoder drops all but the last, and we lack an object
    return File(int(document.cik), document.entityName, statements)


#: Keys that a file has once; the decoder would keep the last of two.
_HEAD: Final = (b'"cik"', b'"entityName"', b'"facts"')


def _is_regular(concepts: dict[str, _Concept]) -> bool:
    """Return whether every concept has statements, each under a unit that needs no second look."""
    return all(concept.units and all(map(_is_unit, concept.units)) for concept in concepts.values())


def _is_unit(unit: str) -> bool:
    """Return whether a unit has a name, and that of a currency is in capitals."""
    return bool(unit.strip()) and miswritten_currency(unit) is None


def _count_letter(data: bytes, letter: int) -> int:
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == letter))


def _count_objects(document: _Document) -> int:
    """Return how many objects the file has above its statements."""
    concepts = [concept for space in document.facts.values() for concept in space.values()]
    return 2 + len(document.facts) + len(concepts) + sum(concept.units is not None for concept in concepts)


class _IrregularError(Exception):
    """The text is not as regular as the scan needs it."""


class _Scan:
    """All lists of statements of a file, scanned as one text for the places of quotes, braces and keys."""

    def __init__(self, lists: list[memoryview]) -> None:
        self.lengths = np.fromiter(map(len, lists), "<i8", len(lists))
        self.text = b"".join([*lists, _MARGIN])
        self.data = np.frombuffer(self.text, np.uint8)

    def statements(self, named: list[tuple[str, str]]) -> Statements | None:
        """Return the statements; None if anything is irregular."""
        try:
            self._find_rows()
            counts = self._count_statements()
            return Statements(
                concept=_repeat_texts([concept for concept, _ in named], counts),
                unit=_repeat_texts([unit for _, unit in named], counts),
                start=self._optional(b'"start":'),
                end=self._required(b'"end":'),
                val=self._list_numbers(),
                accn=self._required(b'"accn":'),
                form=self._optional(b'"form":'),
                filed=self._required(b'"filed":'),
            )
        except _IrregularError:
            return None

    def _find_rows(self) -> None:
        """Find where each statement begins and ends, and the number of its first quoted text.

        Without escapes every other quote closes. A statement is a brace before an opening quote; between two of them
        stands a comma, or the border of two lists, and nothing else.
        """
        _insist(b"\\" not in self.text and self.text.isascii())
        quotes = np.flatnonzero(self.data == _QUOTE)
        self.opens, self.closes = quotes[::2], quotes[1::2]
        self.first = np.flatnonzero(self.data[self.opens - 1] == _OPEN)
        _insist(len(self.opens) == len(self.closes) and len(self.first))
        self.begins = self.opens[self.first] - 1
        edge = len(self.text) - len(_MARGIN)
        _insist(self.text.startswith(b"[{") and self.begins[0] == 1 and self.text.endswith(b"}]" + _MARGIN))
        one, two, three = (self.data[self.begins[1:] - back] for back in (1, 2, 3))
        is_close = (one == _COMMA) & (two == _CLOSE)
        is_apart = (one == _SPACE) & (two == _COMMA) & (three == _CLOSE)
        is_border = (one == _LIST) & (two == _END) & (three == _CLOSE)
        _insist((is_close | is_apart | is_border).all())
        self.ends = np.append(self.begins[1:] - 3 + is_close, edge - 2)
        # Four bytes from each opening quote on as one number, enough to know a key by.
        self.heads = self._seen_as("<u4")[self.opens]

    def _seen_as(self, width: str) -> Numbers:
        """Return a view of the text as numbers of this type, one from each place on."""
        return np.ndarray((len(self.text) - len(_MARGIN),), width, self.text, strides=(1,))

    def _count_statements(self) -> Numbers:
        """Return how many statements each list has."""
        return np.diff(np.searchsorted(self.begins, np.cumsum(self.lengths)), prepend=0)

    def _find_key(self, key: bytes) -> Numbers:
        """Return the numbers of the quoted texts that are this key."""
        tokens = np.flatnonzero(self.heads == np.uint32(int.from_bytes(key[:4], "little")))
        found: Numbers = tokens[self._seen_as(f"V{len(key)}")[self.opens[tokens]] == np.void(key)]
        return found

    def _of_all(self, key: bytes) -> Numbers:
        """Return the numbers of a key that every statement has exactly once."""
        tokens = self._find_key(key)
        _insist(len(tokens) == len(self.first))
        _insist((tokens >= self.first).all() and (tokens[:-1] < self.first[1:]).all())
        return tokens

    def _behind(self, tokens: Numbers) -> Numbers:
        """Return where the values of keys begin."""
        begins: Numbers = self.closes[tokens] + 2
        return begins + (self.data[begins] == _SPACE)  # type: ignore[no-any-return]

    def _required(self, key: bytes) -> pa.Array:
        tokens = self._of_all(key)
        begins = self._behind(tokens)
        _insist((self.data[begins] == _QUOTE).all())
        return stretches(self.text, begins + 1, self.closes[tokens + 1] - begins - 1)

    def _optional(self, key: bytes) -> pa.Array:
        """Return the texts of a key that a statement may lack or have as null."""
        tokens = self._find_key(key)
        begins = self._behind(tokens)
        is_text = self.data[begins] == _QUOTE
        _insist((is_text | (self.data[begins] == _NULL)).all())
        rows = np.searchsorted(self.first, tokens, "right") - 1
        _insist((np.diff(rows) > 0).all())
        starts, lengths = np.zeros((2, len(self.first)), "<i8")
        unknown = np.ones(len(self.first), bool)
        tokens, begins, rows = tokens[is_text], begins[is_text], rows[is_text]
        starts[rows], lengths[rows], unknown[rows] = begins + 1, self.closes[tokens + 1] - begins - 1, False
        return stretches(self.text, starts, lengths, unknown)

    def _list_numbers(self) -> pa.Array:
        """Return the numbers as they are written, up to the next key or the end of the statement."""
        tokens = self._of_all(b'"val":')
        begins = self._behind(tokens)
        stops = np.minimum(np.append(self.opens, len(self.text))[tokens + 1], self.ends)
        for mark in (_SPACE, _COMMA):
            stops = stops - (self.data[stops - 1] == mark)
        _insist((stops > begins).all())
        values = stretches(self.text, begins, stops - begins)
        _insist(_IN_NUMBERS[np.frombuffer(values.buffers()[2], np.uint8)].all())
        return values


def _insist(condition: object) -> None:
    if not condition:
        raise _IrregularError


def _repeat_texts(texts: list[str], counts: Numbers) -> pa.Array:
    """Each text as often as its list has statements, encoded."""
    numbered = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    codes = np.fromiter((numbered[text] for text in texts), "<i4", len(texts))
    return encoded(np.repeat(codes, counts), array_of(list(numbered), pa.string()))


# -- one by one --------------------------------------------------------------------------------------


class _Pairs(dict[str, Any]):
    """A JSON object that keeps all pairs, also those with a repeated key."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        self.pairs = pairs


class _Literal(str):
    """A number as it stands in the file."""

    __slots__ = ()


def _read_singly(data: bytes, place: str) -> tuple[File, list[Problem]]:
    """Read statement by statement: what can be read is kept, all else is a problem."""
    tree = _tree(data, place)
    if not isinstance(tree, _Pairs) or not _is_cik(tree.get("cik")) or not isinstance(tree.get("facts"), dict):
        wrong = problem(place, "shape", "has no cik or no facts", "give a company facts file of the SEC")
        raise InputError([wrong])
    if len({str(value) for key, value in tree.pairs if key == "cik"}) > 1:
        raise InputError([problem(place, "cik", "has two different ciks", "find out whose file it is")])
    problems: list[Problem] = []
    rows = [
        (f"{space}:{name}", unit, *found)
        for key, facts in _items(tree, place, problems)
        if key == "facts"
        for space, name, unit, row, where in _walk(facts, place, problems)
        if (found := _read_row(row, where, problems))
    ]
    columns = [array_of(column, pa.string()) for column in (zip(*rows, strict=True) if rows else [()] * 8)]
    return File(int(str(tree["cik"])), _read_title(tree, place, problems), Statements(*columns)), problems


def _read_title(tree: _Pairs, place: str, problems: list[Problem]) -> str | None:
    """Return the company's name, where it is a text that can be stored."""
    title = tree.get("entityName")
    if not isinstance(title, str) or isinstance(title, _Literal):
        return None
    if not _is_storable(title):
        problems.append(problem(place, "text", f"has half a character in its name {title!a}", "the name is left out"))
        return None
    return title


def _is_storable(text: str) -> bool:
    """Return whether a text is whole: JSON may hold half of a pair of surrogates, which is no character."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _tree(data: bytes, place: str) -> object:
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_Pairs,
            parse_int=_Literal,
            parse_float=_Literal,
            parse_constant=_Literal,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError([problem(place, "json", f"is not whole JSON ({error})", "fetch the file again")]) from error


def _walk(facts: Any, place: str, problems: list[Problem]) -> Iterator[tuple[str, str, str, Any, str]]:
    """Yield every statement of the tree with its namespace, concept, unit and place; repeated keys all count."""
    for space, concepts in _items(facts, place, problems):
        for name, concept in _items(concepts, f"{place}#{space}", problems):
            where = f"{place}#{space}:{name}"
            if isinstance(concept, _Pairs) and "units" not in concept:
                problems.append(problem(where, "units", "has no units", "nothing of it is read"))
            for key, units in _items(concept, where, problems):
                if key != "units":
                    continue
                if not units:
                    problems.append(problem(where, "units", "has no statements", "nothing of it is read"))
                    continue
                for unit, rows in _items(units, where, problems):
                    yield from _statements_of(space, name, unit, rows, where, problems)


def _statements_of(  # noqa: PLR0913, PLR0917 - what a statement is of, and where it is
    space: str, name: str, unit: str, rows: Any, where: str, problems: list[Problem]
) -> Iterator[tuple[str, str, str, Any, str]]:
    """Yield the statements under one unit; a problem where the unit or the list is none."""
    place = f"{where}/{unit}" if _is_storable(unit) else f"{where}/{unit!a}"
    if not all(map(_is_storable, (space, name, unit))):
        problems.append(problem(place, "text", "has half a character in its name", "its statements are left out"))
    elif not unit.strip():
        problems.append(problem(where, "unit", "has a unit without a name", "its statements are left out"))
    elif code := miswritten_currency(unit):
        remedy = f"its statements are left out; the code is {code}"
        problems.append(problem(place, "unit", f"writes the currency {code} in lower case", remedy))
    elif not isinstance(rows, list) or not rows:
        problems.append(problem(place, "units", "has no statements", "nothing of it is read"))
    else:
        for number, row in enumerate(rows):
            yield space, name, unit, row, f"{place}/{number}"


def _items(tree: Any, where: str, problems: list[Problem]) -> list[tuple[str, Any]]:
    """List the entries of an object, both of a repeated key; add a problem if it has one or is no object."""
    if not isinstance(tree, _Pairs):
        problems.append(problem(where, "shape", f"is {_KINDS.get(type(tree), 'no object')}", "nothing of it is read"))
        return []
    problems += [problem(where, "duplicate_key", f"has {key!r} twice", "both are read") for key in tree.twice]
    return tree.pairs


_KINDS: Final[dict[type, str]] = {list: "a list where an object should be", str: "a text where an object should be"}


_FIELDS: Final = ("end", "val", "accn", "filed")


def _read_row(row: Any, where: str, problems: list[Problem]) -> tuple[str | None, ...] | None:
    """Read start, end, value, accession, form and filing date of a statement; None and a problem if one is wrong."""
    if not isinstance(row, _Pairs):
        problems.append(problem(where, "shape", "is no statement", "it is left out"))
        return None
    absent = [name for name in _FIELDS if row.get(name) is None]
    contradictory = [key for key in row.twice if len({str(value) for name, value in row.pairs if name == key}) > 1]
    if absent or contradictory:
        what = f"lacks {', '.join(absent)}" if absent else f"says {contradictory[0]!r} twice and differently"
        problems.append(problem(where, "statement", what, "the statement is left out"))
        return None
    texts = {name: str(row[name]) for name in (*_FIELDS, "start", "form") if row.get(name) is not None}
    if not isinstance(row["val"], _Literal):
        texts["val"] = ascii(row["val"])  # a text, a list: whatever it says, it is no number
    if not all(map(_is_storable, texts.values())):
        problems.append(problem(where, "text", "has half a character in it", "the statement is left out"))
        return None
    return tuple(texts.get(name) for name in ("start", "end", "val", "accn", "form", "filed"))
