"""What full text search covers: for each kind of record, which texts of it and of what hangs on it.

The texts are SQL that SQLite and PostgreSQL both read; `{agg}` and `{texts}` stand for the two functions that they name
differently. In each, `r` is the record's row. A row of the index has four texts: `name` (names and aliases of people
and organizations), `text` (what the record says), `about` (whom and what it is about) and `private`.
"""

# ruff: noqa: S608 - whatever is put into SQL here is a name or a text of this package

from dataclasses import dataclass
from typing import Final

NL: Final = "'\n'"
EMPLOYER: Final = "JOIN organization o ON o.id = x.organization_id"
CONTACT_OF_X: Final = "contact c ON c.id = x.contact_id"
KINDS_AT_MOST: Final = 16
"""A row's key is `id * KINDS_AT_MOST + number` of its kind, so that it is found without a search."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Another table whose rows change the texts of a record.

    Attributes:
        table: the other table.
        owners: SQL for the ids of the records concerned, with `{row}` for the row that changes.
        columns: the columns that matter where the row is not a part of its own; empty if each row counts.
    """

    table: str
    owners: str
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record in the index; `number` is stored in keys and never changes its meaning."""

    number: int
    table: str
    columns: str
    name: str = "''"
    text: str = "''"
    about: str = "''"
    private: str = "''"
    touches: tuple[Touch, ...] = ()


def _lines(*texts: str) -> str:
    """SQL for several texts, each on a line of its own; what is missing leaves no line."""
    return " || ".join(f"coalesce({text} || {NL}, '')" for text in texts)


def _gathered(line: str, source: str) -> str:
    """SQL for one line for each row of a source, in the order the rows came in; `x` is the row."""
    return f"(SELECT {{agg}}(s.line, {NL}) FROM (SELECT {line} AS line FROM {source} ORDER BY x.id) AS s)"


def _aliases(of: str) -> str:
    return f"(SELECT {{agg}}(value, {NL}) FROM {{texts}}({of}.aliases))"


def _name_of(table: str, column: str) -> str:
    return f"(SELECT x.name FROM {table} x WHERE x.id = r.{column})"


def _renamed(table: str, of: str, *columns: str) -> Touch:
    """Another name of what a record is about."""
    return Touch(
        table, " UNION ".join(f"SELECT id FROM {of} WHERE {column} = {{row}}.id" for column in columns), "name"
    )


CONTACT: Final = Kind(
    0,
    "contact",
    "name, aliases, context, place, how_to_reach, status_text, notes, private_notes",
    name=_lines("r.name", _aliases("r")),
    text=_lines(
        _gathered(
            "coalesce(x.title || ' ', '') || coalesce(o.name, '')",
            f"position x LEFT {EMPLOYER} WHERE x.contact_id = r.id",
        ),
        "r.context",
        "r.how_to_reach",
        "r.place",
        "r.status_text",
        "r.notes",
        _gathered("t.name", "contact_tag x JOIN tag t ON t.id = x.tag_id WHERE x.contact_id = r.id"),
        _gathered("x.value", "contact_method x WHERE x.contact_id = r.id"),
        _gathered(
            _aliases("o"), "position x JOIN organization o ON o.id = x.organization_id WHERE x.contact_id = r.id"
        ),
    ),
    private="coalesce(r.private_notes, '')",
    touches=(
        Touch("position", "SELECT {row}.contact_id AS id"),
        Touch("contact_tag", "SELECT {row}.contact_id AS id"),
        Touch("contact_method", "SELECT {row}.contact_id AS id"),
        Touch("tag", "SELECT contact_id AS id FROM contact_tag WHERE tag_id = {row}.id", "name"),
        Touch(
            "organization", "SELECT contact_id AS id FROM position WHERE organization_id = {row}.id", "name, aliases"
        ),
    ),
)
ORGANIZATION: Final = Kind(
    1, "organization", "name, aliases, notes", name=_lines("r.name", _aliases("r")), text="coalesce(r.notes, '')"
)
INTERACTION: Final = Kind(
    2,
    "interaction",
    "kind, place, note, private_note",
    text=_lines("r.note", "r.place"),
    about=_lines(
        "r.kind",
        _gathered(
            "c.name", "interaction_contact x JOIN contact c ON c.id = x.contact_id WHERE x.interaction_id = r.id"
        ),
    ),
    private="coalesce(r.private_note, '')",
    touches=(
        Touch("interaction_contact", "SELECT {row}.interaction_id AS id"),
        Touch("contact", "SELECT interaction_id AS id FROM interaction_contact WHERE contact_id = {row}.id", "name"),
    ),
)
QUESTION: Final = Kind(
    3,
    "question",
    "text",
    text="r.text",
    about=_gathered(
        "coalesce(c.name, t.name)",
        f"question_audience x LEFT JOIN {CONTACT_OF_X} LEFT JOIN tag t ON t.id = x.tag_id WHERE x.question_id = r.id",
    ),
    touches=(
        Touch("question_audience", "SELECT {row}.question_id AS id"),
        Touch("contact", "SELECT question_id AS id FROM question_audience WHERE contact_id = {row}.id", "name"),
        Touch("tag", "SELECT question_id AS id FROM question_audience WHERE tag_id = {row}.id", "name"),
    ),
)
ANSWER: Final = Kind(
    4,
    "answer",
    "text, contact_id",
    text="r.text",
    about=_lines(_name_of("contact", "contact_id")),
    touches=(_renamed("contact", "answer", "contact_id"),),
)
TASK: Final = Kind(
    5,
    "task",
    "title, note, contact_id",
    text=_lines("r.title", "r.note"),
    about=_lines(_name_of("contact", "contact_id")),
    touches=(_renamed("contact", "task", "contact_id"),),
)
INTRODUCTION: Final = Kind(
    6,
    "introduction",
    "want, placeholder, note, connector_id, contact_id, organization_id",
    text=_lines("r.placeholder", "r.note"),
    about=_lines(
        "r.want",
        _name_of("contact", "connector_id"),
        _name_of("contact", "contact_id"),
        _name_of("organization", "organization_id"),
    ),
    touches=(
        _renamed("contact", "introduction", "connector_id", "contact_id"),
        _renamed("organization", "introduction", "organization_id"),
    ),
)
REFERRAL: Final = Kind(
    7,
    "referral",
    "role, note, contact_id, organization_id, tag_id",
    text=_lines("r.role", "r.note"),
    about=_lines(
        "'referral'",
        _name_of("contact", "contact_id"),
        _name_of("organization", "organization_id"),
        _name_of("tag", "tag_id"),
    ),
    touches=(
        _renamed("contact", "referral", "contact_id"),
        _renamed("organization", "referral", "organization_id"),
        _renamed("tag", "referral", "tag_id"),
    ),
)
COMMITMENT: Final = Kind(8, "commitment", "title", text="r.title")
CHECK_IN: Final = Kind(
    9,
    "check_in",
    "note, url, skip_reason, commitment_id",
    text=_lines("r.note", "r.url", "r.skip_reason"),
)
TIME_ENTRY: Final = Kind(10, "time_entry", "note", text=_lines("r.note"))
REVIEW: Final = Kind(
    11,
    "review",
    "name, text, note",
    text=_lines("r.name", "r.text", "r.note", _gathered("x.text", "review_answer x WHERE x.review_id = r.id")),
    touches=(Touch("review_answer", "SELECT {row}.review_id AS id"),),
)

KINDS: Final = (
    CONTACT,
    ORGANIZATION,
    INTERACTION,
    QUESTION,
    ANSWER,
    TASK,
    INTRODUCTION,
    REFERRAL,
    COMMITMENT,
    CHECK_IN,
    TIME_ENTRY,
    REVIEW,
)
