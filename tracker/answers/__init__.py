"""Answer the questions that people and programs ask most, as typed records: for notebooks, pages and assistants."""
