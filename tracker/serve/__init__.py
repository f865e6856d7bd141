"""A browser's view of a project: pages that anybody may read, without scripts, and the same as JSON."""
