"""Serve a project to browsers: pages without scripts that only read, and the same values as JSON."""
