"""Reminder rules, the outbox, channels and the daemon."""
