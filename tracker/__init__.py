"""What companies reported, what they promised, and what was known when."""
