"""What all tables share: identity, revision, source, and how instants and words are stored."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import Dialect, String, types
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(types.TypeDecorator[datetime]):
    """An aware instant: naive values are refused, and UTC comes back.

    SQLite drops the offset of `DateTime(timezone=True)` silently, so it is put back on reading.
    """

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value} refused; instants are aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base's signature
        """Give an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant(*, required: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - Field is Any to the type checker
    """A column of an aware UTC instant."""
    if required:
        return Field(sa_type=UtcDateTime, nullable=False, index=index)
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)


def word(words: type[StrEnum], default: StrEnum | None) -> Any:  # noqa: ANN401 - Field is Any to the type checker
    """A column of one of `words`; the vocabulary stays readable on the column for import and docs."""
    return Field(
        default=default.value if default is not None else None,
        sa_type=String,
        nullable=default is None,
        sa_column_kwargs={"info": {"words": words}},
    )


def link(table: str, *, required: bool = True, index: bool = True, cascade: bool = False) -> Any:  # noqa: ANN401 - Field is Any to the type checker
    """A column that refers to another table's id; a referred row cannot vanish, unless it takes this one along."""
    ondelete: Any = "CASCADE" if cascade else None
    if required:
        return Field(foreign_key=f"{table}.id", index=index, nullable=False, ondelete=ondelete)
    return Field(default=None, foreign_key=f"{table}.id", index=index, nullable=True)


class Numbered(SQLModel):
    """An id that is never used twice (AUTOINCREMENT on SQLite, a sequence elsewhere)."""

    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)


class Record(Numbered):
    """A thing of its own: stable `uid`, a `revision` that every change raises, and when it came and changed.

    `revision`, `added_at` and `updated_at` are kept by the session (crm.store.journal).
    """

    LETTER: ClassVar[str] = ""

    uid: str = Field(default_factory=lambda: str(uuid4()), unique=True, max_length=36)
    revision: int = 1
    added_at: datetime = instant(required=True)
    updated_at: datetime = instant(required=True)

    @property
    def ref(self) -> str:
        """The short id that people type, such as c3."""
        return f"{self.LETTER}{self.id}"


class Part(Numbered):
    """A value that belongs to one record; changing it raises the owner's revision."""

    OWNER: ClassVar[str] = ""


class Sourced(Record):
    """A record that may have been read from a file: base name and 1-based line."""

    source_file: str | None = None
    source_line: int | None = None
    source_inferred: bool = False
