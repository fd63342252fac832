"""Calendars that lie elsewhere: in a CalDAV collection, on a web host, in a synced folder."""
