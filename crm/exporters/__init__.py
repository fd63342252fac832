"""Rows of the database to files other programs read."""
