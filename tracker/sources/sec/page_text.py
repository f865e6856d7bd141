"""The text of a document as a reader sees it: line by line, with each run of blanks as one."""

from __future__ import annotations

__all__ = ["PageText"]


class PageText:
    r"""Collects text piece by piece; places count its characters.

    >>> text = PageText()
    >>> text.add("  Net sales "), text.break_line(), text.add("94,036")
    (None, None, None)
    >>> text.whole()
    'Net sales \n94,036'
    """

    def __init__(self) -> None:
        self.length = 0
        self._pieces: list[str] = []
        self._last = "\n"

    @property
    def is_open(self) -> bool:
        """Return whether a blank would count: the text ends neither in a blank nor in a line break."""
        return self._last not in " \n"

    def whole(self) -> str:
        """Return all of it."""
        return "".join(self._pieces)

    def add(self, text: str) -> None:
        """Add words."""
        words = " ".join(text.split())
        if text[:1].isspace():
            self.add_blank()
        if words:
            self._append(words)
            if text[-1:].isspace():
                self.add_blank()

    def add_line(self, text: str) -> tuple[str, int]:
        """Add a line of its own; return its words and where they begin."""
        self.break_line()
        words, start = " ".join(text.split()), self.length
        if words:
            line = f"{words} \n" if text[-1:].isspace() else f"{words}\n"
            self._pieces.append(line)
            self.length += len(line)
        return words, start

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)
        self._last = text[-1]

    def add_blank(self) -> None:
        """Add a blank between what was added before and what comes next."""
        if self._last not in " \n":
            self._append(" ")

    def break_line(self) -> None:
        """Begin a new line."""
        if self._last != "\n":
            self._append("\n")

    def since(self, start: int) -> tuple[str, int, int]:
        """Return the text from a place on without blanks around it, and its span."""
        taken, length = [], self.length
        for piece in reversed(self._pieces):
            if length <= start:
                break
            length -= len(piece)
            taken.append(piece[max(0, start - length) :])
        text = "".join(reversed(taken))
        bare = text.strip()
        begin = start + (len(text) - len(text.lstrip()) if bare else 0)
        return bare, begin, begin + len(bare)
