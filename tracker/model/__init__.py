"""Immutable values: quantities, periods, companies, metrics, facts, and the tables that hold them."""
