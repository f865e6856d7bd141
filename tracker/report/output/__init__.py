"""The forms a report is written in: page, picture, paper, sheet, Markdown."""
