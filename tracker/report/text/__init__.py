"""The words of a report: numbers, periods, sentences and their translations."""
