"""A Markdown file as sections of nested blocks, each line with its number, from markdown-it-py's tokens."""

import re
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token

from crm.errors import BadValueError

MAX_NESTING = 60
"""Nested Markdown blocks read; a list level counts for two. Deeper input is refused, not silently cut."""

_LIST_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])(?:[ \t]|$)")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"\s*<!--")
_RULES = ["normalize", "block"]
_TEXT = ("inline", "html_block", "code_block")
_TAB = 4
_REREADS = 4
"""How often text inside text is read again for the list that its indentation hides."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text without its list marker, and its number in the file, counted from 1."""

    number: int
    text: str


@dataclass(slots=True)
class Block:
    """A piece of the page; `children` are the blocks inside a list item.

    `kind` is item, paragraph, heading, underlined (a heading made by a line of dashes below it, a paragraph if it is
    no title of a worksheet) or unclosed (a code fence without an end, which hides the rest of the file).
    """

    kind: str
    line: int
    level: int = 0
    lines: tuple[Line, ...] = ()
    children: list["Block"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own lines, without those of its children, joined by spaces."""
        return " ".join(line.text for line in self.lines)

    def walk(self) -> Iterator["Block"]:
        """This block and all blocks inside it, in the file's order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def line_at(self, position: int) -> int:
        """The number of the line that holds the character at this position of `text`."""
        starts = accumulate((len(line.text) + 1 for line in self.lines[:-1]), initial=0)
        return self.lines[bisect_right(list(starts), position) - 1].number


@dataclass(slots=True)
class Section:
    """A heading with the blocks below it, up to the next heading; `path` holds the sections it stands under.

    `role` is the part of the worksheet that it is, if any.
    """

    title: str
    line: int
    level: int
    path: tuple["Section", ...] = ()
    role: str | None = None
    blocks: list[Block] = field(default_factory=list)

    def walk(self) -> Iterator[Block]:
        """All blocks of the section, inner ones too, in the file's order."""
        for block in self.blocks:
            yield from block.walk()


def sections(text: str, *, name: str, is_title: Callable[[str], bool]) -> list[Section]:
    """The sections of a text; the first holds what stands above all headings.

    A separator right below a text makes that text a heading by accident: such a one counts only if `is_title` knows it.

    Raises:
        BadValueError: nested deeper than `MAX_NESTING`.
    """
    found = [Section("", 1, 0)]
    open_: list[Section] = []
    for block in _parse(text, name=name):
        if block.kind == "heading" or (block.kind == "underlined" and is_title(block.text)):
            open_ = [section for section in open_ if section.level < block.level]
            found.append(Section(block.text, block.line, block.level, tuple(open_)))
            open_.append(found[-1])
        else:
            found[-1].blocks.append(replace(block, kind="paragraph") if block.kind == "underlined" else block)
    return found


def _parse(text: str, *, name: str, first: int = 1, rereads: int = _REREADS) -> list[Block]:
    """The blocks of a text whose first line has the number `first`.

    To Markdown a list is code, or goes on with the paragraph above it, if it is indented by a tab or starts at 2; here
    every line that begins with a list marker is an item.
    """
    root = Block("root", first)
    stack = [root]
    source = text.split("\n")
    used = len(text.rstrip().split("\n"))
    heading: Block | None = None
    for token in _tokens(text):
        if token.level >= MAX_NESTING - 1:
            line = first + (token.map[0] if token.map else 0)
            raise BadValueError(f"{name}, line {line}: nested deeper than {MAX_NESTING // 2} lists; flatten it")
        if token.type == "list_item_open":
            stack[-1].children.append(Block("item", _line(token, first)))
            stack.append(stack[-1].children[-1])
        elif token.type == "list_item_close":
            stack.pop()
        elif token.type == "heading_open" and stack[-1] is root:
            kind = "heading" if token.markup.startswith("#") else "underlined"
            heading = Block(kind, _line(token, first), int(token.tag[1:]))
            root.children.append(heading)
        elif token.type in _TEXT and not _COMMENT.match(token.content):
            lines, hidden = _split(token, source, first)
            if heading is None:
                _add_text(stack[-1], lines)
            else:
                heading.lines, heading.kind, heading = lines, "paragraph" if hidden else heading.kind, None
            if hidden and not rereads:
                raise BadValueError(f"{name}, line {hidden.number}: lists indented too deeply; flatten them")
            if hidden:
                stack[-1].children += _parse(hidden.text, name=name, first=hidden.number, rereads=rereads - 1)
        elif token.type == "fence" and _is_unclosed(token, source, used):
            root.children.append(Block("unclosed", _line(token, first)))
    return root.children


def _tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.core.ruler.enableOnly(_RULES)
    # `[word]: text` is a note in a worksheet, never a link definition that vanishes from the page.
    parser.disable("reference")
    return parser.parse(text)


def _line(token: Token, first: int) -> int:
    return first + (token.map[0] if token.map else 0)


def _is_unclosed(token: Token, source: list[str], used: int) -> bool:
    """Whether a fence runs to the last of the `used` lines without a fence that ends it."""
    start, end = token.map or [0, 0]
    closed = end - start > 1 and source[end - 1].lstrip("> \t").startswith(token.markup)
    return end >= used and not closed


def _split(token: Token, source: list[str], first: int) -> tuple[tuple[Line, ...], Line | None]:
    """The token's lines up to the first that begins with a list marker, and the rest, if any, to be read again."""
    lines = _lines(token, source, first)
    content = token.content.split("\n")
    start = 0 if token.type == "code_block" else 1
    marked = next((at for at in range(start, len(content)) if _LIST_MARKER.match(content[at])), None)
    if marked is None or not lines:
        return lines, None
    at = 0 if token.type == "code_block" else marked
    rest = _INDENT.sub(lambda found: found[0].expandtabs(_TAB), "\n".join(content[at:]))
    number = lines[0].number + at
    return tuple(line for line in lines if line.number < number), Line(number, textwrap.dedent(rest))


def _lines(token: Token, source: list[str], first: int) -> tuple[Line, ...]:
    """The token's lines with their numbers.

    The parser strips white space at both ends of a paragraph, so a first line may not be the one its map starts with.
    """
    position, end = token.map or [0, 0]
    found = []
    for content in (each.strip() for each in token.content.split("\n")):
        here = next((at for at in range(position, end) if content in source[at]), position)
        position = here + 1
        if content:
            found.append(Line(first + here, content))
    return tuple(found)


def _add_text(parent: Block, lines: tuple[Line, ...]) -> None:
    """The text is an item's own first text, or a paragraph; rows of a table below an item are no text of its own."""
    if not lines:
        return
    if parent.kind == "item" and not parent.lines and not parent.children:
        parent.lines = tuple(takewhile(lambda line: line is lines[0] or not line.text.startswith("|"), lines))
        parent.line, lines = lines[0].number, lines[len(parent.lines) :]
    if lines:
        parent.children.append(Block("paragraph", lines[0].number, lines=lines))
