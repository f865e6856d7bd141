"""What tests of reports share."""

from __future__ import annotations

from tracker.report.text.language import language_of

#: The language of most tests.
ENGLISH = language_of("en")
