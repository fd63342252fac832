"""Calendar entries, feeds and the .ics files."""
