"""Markdown inside a line: emphasis, links, entities."""

from markdown_it import MarkdownIt

_LONGEST_MARKED_UP = 2_000
"""Longer texts are taken as they are: nobody marks them up, and the parser's time on odd ones grows with the square."""

_INLINE = MarkdownIt("commonmark")


def plain(text: str) -> tuple[str, str]:
    """The text without Markdown's inline marks, and the addresses its links lead to."""
    if len(text) > _LONGEST_MARKED_UP:
        return text, ""
    tokens = _INLINE.parseInline(text)[0].children or []
    words = "".join(token.content or (" " if token.type == "softbreak" else "") for token in tokens)
    links = (str(token.attrs["href"]) for token in tokens if token.type == "link_open")
    return words, " ".join(link for link in links if link.removeprefix("mailto:") not in words)
