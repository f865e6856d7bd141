"""Figures out of news articles in thirteen languages, with the characters they stand on, or a reason why not."""

from tracker.sources.article.extract import as_record, extract, record
from tracker.sources.article.model import Company, Figure, Reading

__all__ = ["Company", "Figure", "Reading", "as_record", "extract", "record"]
