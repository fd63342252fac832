"""Values to text and JSON; no SQL."""
