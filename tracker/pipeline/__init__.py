"""What the program does with a project, step by step: ingest, build, check, report, correct, rename."""
