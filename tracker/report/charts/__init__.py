"""The charts of a report, as Altair makes them."""
