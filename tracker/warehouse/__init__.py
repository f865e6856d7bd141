"""The stored tables, and everything that reads, writes, checks and mends them."""
