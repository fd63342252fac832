"""Full text search, by SQLite's FTS5 or PostgreSQL's own: the rest of the program sees no difference."""

from crm.store.search.finding import Filters, Hits, Search, count, find, near
from crm.store.search.index import build, catch_up, drop, faults
from crm.store.search.kinds import KINDS
from crm.store.search.telling import Item, items
from crm.store.search.words import Word

__all__ = [
    "KINDS",
    "Filters",
    "Hits",
    "Item",
    "Search",
    "Word",
    "build",
    "catch_up",
    "count",
    "drop",
    "faults",
    "find",
    "items",
    "near",
]
