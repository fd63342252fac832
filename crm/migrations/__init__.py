"""The schema's revisions. Start-up compares one SELECT with HEAD and never imports Alembic."""

KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006")
HEAD = KNOWN[-1]
