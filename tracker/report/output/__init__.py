"""The formats of a report: page, picture, PDF, spreadsheet, Markdown."""
