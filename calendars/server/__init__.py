"""Calendars over HTTP, for programs that subscribe to them. Nothing here is loaded by any command but `crm serve`."""
