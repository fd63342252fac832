"""All SQL. Functions take a session, return models or values, and never commit."""
