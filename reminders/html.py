"""A message as a page of HTML, for mail."""

from html import escape
from typing import Final

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif">
<h2 style="font-size: 1.1em">{title}</h2>
<p style="white-space: pre-wrap">{body}</p>
</body>
</html>
"""


def page(title: str, body: str) -> str:
    """The page; `title` and `body` are text, without control characters, and nothing in them is obeyed."""
    return _PAGE.format(title=escape(title), body=escape(body))
