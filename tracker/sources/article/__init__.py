"""Figures out of news articles in thirteen languages, with the characters they stand on, or a reason why not."""

from tracker.sources.article.find.dateline import APART, Dateline, find_dateline, find_datelines, written_day
from tracker.sources.article.model import ExtractedFigure, Known, NamedCompany, Reading
from tracker.sources.article.read.extract import as_record, extract, record
from tracker.sources.article.read.placing import History
from tracker.sources.article.read.proposals import Extractor, Proposal, accept, reread
from tracker.sources.article.read.years import days_of, stated_days
from tracker.sources.article.text.sentences import believable_language

__all__ = [
    "APART",
    "Dateline",
    "ExtractedFigure",
    "Extractor",
    "History",
    "Known",
    "NamedCompany",
    "Proposal",
    "Reading",
    "accept",
    "as_record",
    "believable_language",
    "days_of",
    "extract",
    "find_dateline",
    "find_datelines",
    "record",
    "reread",
    "stated_days",
    "written_day",
]
