"""Readers: each turns what it is given into facts with their evidence."""
