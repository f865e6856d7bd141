"""Answers for assistants over the Model Context Protocol: few tools, typed results, each with its evidence."""
