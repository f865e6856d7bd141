"""The command line: parse arguments, call the library, print, and return an exit code.

Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check
failed or data is stale, 4 nothing matched where a match is required, 75 busy. Each command loads the heavy libraries
that it needs, so that `--help` and `sql` start at once.
"""

from tracker.cli.base import main

__all__ = ["main"]
