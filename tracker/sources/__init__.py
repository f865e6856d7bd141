"""Sources read what a project is given and turn it into facts with their evidence."""
