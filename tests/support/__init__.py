"""What the tests share. No test imports from a test."""
