"""Figures out of news articles in thirteen languages, with the characters they stand on, or a reason why not."""

from tracker.sources.article.extract import as_record, extract, record
from tracker.sources.article.model import Company, Figure, Known, Reading
from tracker.sources.article.placing import History
from tracker.sources.article.proposals import Extractor, Proposal, reread
from tracker.sources.article.years import stated_days

__all__ = [
    "Company",
    "Extractor",
    "Figure",
    "History",
    "Known",
    "Proposal",
    "Reading",
    "as_record",
    "extract",
    "record",
    "reread",
    "stated_days",
]
