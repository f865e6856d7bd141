# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Who claims a figure and how: reported, promised by the company, estimated by others, imagined, or denied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import find_topics
from tracker.sources.article.text.lexicon import PhraseMatch, every, locale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.amount import Quantity

__all__ = ["Boundaries", "find_boundaries", "find_claims", "find_scopes"]

_PHRASE: Final = 60  # letters: one phrase
_HARD: Final = re.compile(r"[;；]|(?<=[^\d\s]): (?=\S)| — | - (?=[^\d])")
_SOFT: Final = re.compile(r",(?!\d)|(?<!\d),|[，、()（）]")


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where a sentence breaks: `hard` between clauses that speak of different things, `soft` at commas."""

    hard: tuple[int, ...]
    soft: tuple[int, ...]

    def clause(self, position: int, start: int, end: int) -> tuple[int, int]:
        """Return the hard clause a position lies in."""
        if not self.hard:  # as in most sentences
            return start, end
        low = max((place for place in self.hard if place <= position), default=start)
        high = min((place for place in self.hard if place > position), default=end)
        return low, high

    def soft_between(self, low: int, high: int) -> bool:
        """Return true if a comma or a clause boundary lies between two places."""
        return any(low <= place < high for place in (*self.soft, *self.hard))


@lru_cache(maxsize=4)
def find_boundaries(folded: str, start: int, end: int, code: str) -> Boundaries:
    """Return the boundaries of a sentence: semicolons and the conjunctions of its language."""
    hard = [found.start() for found in _HARD.finditer(folded, start, end) if not found[0].startswith(":")]
    own = locale(code)
    hard += [
        mark.start
        for mark in own.phrases("clauses", "hard").find(folded, start, end)
        if mark.start > start + 2 and not _leads_to_amount(folded, mark, code)
    ]
    hard += [
        mark.start
        for mark in own.phrases("clauses", "reason").find(folded, start, end)
        if mark.start > start + 2 and _tells_of_its_own(folded, mark.end, end, code)
    ]
    soft = [found.start() for found in _SOFT.finditer(folded, start, end)]
    return Boundaries(tuple(sorted(hard)), tuple(soft))


def _leads_to_amount(folded: str, mark: PhraseMatch, code: str) -> bool:
    """Return true if a conjunction only leads to the amount behind it, such as "còn" in "giảm 4% còn 215 tỷ"."""
    words = locale(code).words("ranges", "into")
    return folded[mark.start : mark.end] in words and _NUMBER_BEHIND.match(folded, mark.end) is not None


_NUMBER_BEHIND: Final = re.compile(r" [^\w\s]?\d")


def _tells_of_its_own(folded: str, position: int, end: int, code: str) -> bool:
    """Return true if a metric and how it moved follow a word of reason ("after second-quarter sales climbed")."""
    stop = _STOP.search(folded, position, end)
    high = min(position + _PHRASE, stop.start() if stop else end)
    topic = next((item for item in find_topics(folded, position, high, code, ())), None)
    own = locale(code)
    if topic is None:
        return False
    low = position if own.style == "arabic" else topic.end
    return own.phrases("directions").has(folded, low, high) or own.phrases("multiples").has(folded, low, high)


_STOP: Final = re.compile(r"[,;:。]")
_LABELS: Final = ("denied", "rumour", "hypothetical", "analyst", "guidance")


def find_claims(folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> list[PhraseMatch]:
    """Return the words of a sentence that say what kind of claim it makes, outside names and periods."""
    bounds = [PhraseMatch("guidance", *mark) for mark in _find_promised_bounds(folded, start, end, code)]
    taken = [*occupied, *((mark.start, mark.end) for mark in bounds)]
    alike = locale(code).phrases("promises", "similar").find(folded, start, end)
    taken += [(mark.start, mark.end) for mark in alike if mark.end - mark.start > _LONG]
    bounding = locale(code).phrases("promises", "at_bound").find(folded, start, end)
    taken += [(mark.start, mark.end) for mark in bounding]
    found = locale(code).phrases("claims").find(folded, start, end)
    said = [
        mark
        for mark in found
        if mark.label != "beat" and not any(mark.start < high and low < mark.end for low, high in taken)
    ]
    return sorted([*said, *bounds], key=lambda mark: mark.start)


_LONG: Final = 8  # letters of a word for "unchanged" that holds a denial: "tidak berubah"


def _find_promised_bounds(folded: str, start: int, end: int, code: str) -> list[tuple[int, int]]:
    """Return where words promise a bound, such as "will not exceed". They look like a denial, but are none."""
    marks = locale(code).phrases("promises", "bound").find(folded, start, end)
    return [(mark.start, mark.end) for mark in marks]


def find_scopes(
    quantities: Sequence[Quantity],
    found: Sequence[PhraseMatch],
    folded: str,
    bounds: tuple[int, int],
    code: str,
    breaks: Boundaries,
) -> list[tuple[str, ...]]:
    """For each quantity the claims that govern it, the strongest first; none means reported."""
    out: list[set[str]] = [set() for _ in quantities]
    for mark in found:
        inside = _relative_clause(mark, folded, bounds, code, breaks)
        for index in _governed(mark, quantities, folded, bounds, code, breaks):
            if inside is not None and not inside[0] <= quantities[index].start < inside[1]:
                continue
            out[index].add("hypothetical" if mark.label == "hypothetical_start" else mark.label)
    return [tuple(label for label in _LABELS if label in labels) for labels in out]


def _relative_clause(
    mark: PhraseMatch, folded: str, bounds: tuple[int, int], code: str, breaks: Boundaries
) -> tuple[int, int] | None:
    """Return the clause around a claim if it stands between two commas and begins with a word such as "which"."""
    low = max((place for place in breaks.soft if bounds[0] < place < mark.start), default=None)
    high = min((place for place in breaks.soft if mark.end <= place < bounds[1]), default=None)
    words = locale(code).folded("names", "relatives")
    if low is None or high is None or not words:
        return None
    first = _FIRST_WORD.match(folded, low)
    return (low, high) if first is not None and first[1] in words else None


_FIRST_WORD: Final = re.compile(r", ?([^\W\d_]+)")


def _governed(
    mark: PhraseMatch,
    quantities: Sequence[Quantity],
    folded: str,
    bounds: tuple[int, int],
    code: str,
    breaks: Boundaries,
) -> list[int]:
    """Return the quantities one claim word governs."""
    listed = _listed_behind(mark, quantities, folded, bounds[1], code)
    if listed:
        return listed
    low, high = breaks.clause(mark.start, *bounds)
    if mark.label == "hypothetical_start" and folded[low : mark.start].strip(" ,\"'"):
        return []
    clause = [index for index, quantity in enumerate(quantities) if low <= quantity.start < high]
    before = [index for index in clause if quantities[index].end <= mark.start]
    after = [index for index in clause if quantities[index].start >= mark.end]
    inside = [index for index in clause if quantities[index].start < mark.end and mark.start < quantities[index].end]
    if (
        (mark.label == "analyst" or locale(code).phrases("promises", "outlook").has(folded, mark.start, mark.end))
        and not _is_outlook_below(mark, before, quantities, folded, code)
        and _beaten(
            mark,
            folded,
            max([low, *(quantities[index].end for index in before if quantities[index].kind != "percent")]),
            code,
        )
        and not _then_number(mark, after, quantities, folded, breaks)
    ):
        return []
    if not before:
        return [*inside, *(_leading(mark, after, quantities, breaks) if mark.label != "guidance" else after)]
    return [*inside, *_trailing(mark, before, after, quantities, folded, code, breaks)]


def _is_outlook_below(
    mark: PhraseMatch, before: list[int], quantities: Sequence[Quantity], folded: str, code: str
) -> bool:
    """Return true if a company expects to stay below or above an amount: "60億円を下回る見通し"."""
    if not locale(code).verb_final or mark.label != "guidance" or not before:
        return False
    gap = folded[quantities[before[-1]].end : mark.start]
    return 0 < len(gap) <= _BELOW and _SOFT.search(gap) is None


_BELOW: Final = 8  # signs between an amount and the outlook: を下回る


def _listed_behind(mark: PhraseMatch, quantities: Sequence[Quantity], folded: str, end: int, code: str) -> list[int]:
    """Return the amounts of a list that follows a promise and a colon: "Plan for 2025: revenue of 5; capex of 2"."""
    colon, own = _COLON.search(folded, mark.end, end) if mark.label == "guidance" else None, locale(code)
    nouns = (own.phrases("promises", "outlook"), own.phrases("earlier", "noun"))
    if colon is None or not any(phrases.has(folded, mark.start, mark.end) for phrases in nouns):
        return []
    after = [index for index, quantity in enumerate(quantities) if quantity.start >= mark.end]
    return after if after and quantities[after[0]].start >= colon.end() else []


_COLON: Final = re.compile(r"[:\uff1a]")


def _leading(mark: PhraseMatch, after: list[int], quantities: Sequence[Quantity], breaks: Boundaries) -> list[int]:
    """Return all that follows a claim at the head of its clause: it governs that."""
    del mark, quantities, breaks
    return after


def _then_number(
    mark: PhraseMatch, after: list[int], quantities: Sequence[Quantity], folded: str, breaks: Boundaries
) -> bool:
    """Return true if the expectation itself is the next number ("beating estimates of $260m")."""
    if not after:
        return False
    following = quantities[after[0]].start
    if quantities[after[0]].kind in ("percent", "points", "basis"):
        return False  # by how much
    words = folded[mark.end : following].split()
    if words and words[0] in every("small", "and"):
        return False  # another statement
    return (
        not breaks.soft_between(mark.end, following)
        and following - mark.end < _PHRASE
        and not re.search(r"[.;]", folded[mark.end : following])
    )


def _beaten(mark: PhraseMatch, folded: str, low: int, code: str) -> bool:
    """Return true if the words before say that an expectation was met or missed."""
    return locale(code).phrases("claims", "beat").has(folded, max(low, mark.start - 30), mark.start)


def _list_before(before: list[int], quantities: Sequence[Quantity], folded: str, code: str) -> list[int]:
    """Return the amounts of a list before a verb, back to another verb: "매출 3조원, 연구개발비 2천억원을 목표로"."""
    out = before[-1:]
    for index in reversed(before[:-1]):
        gap = folded[quantities[index].end : quantities[out[0]].opening]
        rest = gap
        for topic in find_topics(gap, 0, len(gap), code, ()):
            rest = rest[: topic.start] + " " * (topic.end - topic.start) + rest[topic.end :]
        if len(_SIGN_OF_WORD.findall(rest)) > (_PARTICLES if _SOFT.search(gap) is not None else _CLAUSE):
            break
        out.insert(0, index)
    return out


_SIGN_OF_WORD: Final = re.compile(r"[^\W\d_]")
_PARTICLES: Final = 2  # signs beside the metric in an item of a list: を, は
_CLAUSE: Final = 8  # signs between two amounts of one list without a comma: more are a clause of its own


_ENDS: Final = re.compile(r"\W*(?:\Z|\n)|\.(?=\s)")  # nothing but a full stop follows


def _trailing(
    mark: PhraseMatch,
    before: list[int],
    after: list[int],
    quantities: Sequence[Quantity],
    folded: str,
    code: str,
    breaks: Boundaries,
) -> list[int]:
    """Return what a claim behind a number governs: the next one or, where a comma parts it from that, this one."""
    previous = quantities[before[-1]]
    parted_left = breaks.soft_between(previous.end, mark.start)
    if after:
        following = quantities[after[0]]
        parted_right = breaks.soft_between(mark.end, following.start)
        if not parted_right or parted_left:
            return [
                index
                for index in after
                if index == after[0] or not breaks.soft_between(following.end, quantities[index].start)
            ]
    if mark.label == "denied" and locale(code).verb_brackets and _ENDS.match(folded, mark.end):
        return before
    if parted_left and not (locale(code).verb_final and mark.label == "guidance"):
        return []
    if mark.label == "analyst" and _beaten(mark, folded, previous.end, code):
        return []
    own = locale(code)
    if own.verb_final and mark.label == "guidance":
        return _list_before(before, quantities, folded, code)
    is_last = own.verb_final or (own.verb_brackets and mark.label == "guidance" and not after)
    return (
        before[-1:]
        if not is_last
        else [
            index
            for index in before
            if not breaks.soft_between(quantities[index].end, previous.start) or index == before[-1]
        ]
    )
