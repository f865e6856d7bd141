"""What a report shows, read from the views as plain immutable records."""
