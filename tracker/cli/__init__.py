"""Arguments in, exit code out, no thinking.

Data goes to standard output, all else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check
failed or data is stale, 4 nothing matched where one was demanded, 75 busy. Heavy parts are loaded by the command
that needs them, so that `--help` and `sql` start at once.
"""

from tracker.cli.base import main

__all__ = ["main"]
