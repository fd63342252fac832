"""Contacts, organizations, tags and how they hang together."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON
from sqlmodel import Field

from crm.models.base import Numbered, Part, Record, Sourced, instant, link, word
from crm.models.words import ContactKind, Stage, Tier


class Organization(Sourced, table=True):
    """A company or other organization; `target` marks one the person wants to work at."""

    LETTER: ClassVar[str] = "o"

    name: str
    name_key: str = Field(unique=True)
    aliases: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"info": {"texts": list}})
    target: bool = False
    notes: str | None = None


class Tag(Sourced, table=True):
    """A tag; a live group such as `@experts` is a tag."""

    LETTER: ClassVar[str] = "g"

    name: str = Field(unique=True)
    description: str | None = None


class TagCadence(Record, table=True):
    """Stay in touch with everybody in a tag every `min_days` to `max_days`."""

    __tablename__ = "tag_cadence"

    tag_id: int = link("tag")
    min_days: int
    max_days: int


class Contact(Sourced, table=True):
    """A person one knows or wants to know. Names and context are kept verbatim; the keys are for looking up."""

    LETTER: ClassVar[str] = "c"

    name: str
    name_key: str = Field(index=True)
    first_key: str = Field(index=True)
    kind: str = word(ContactKind, ContactKind.PERSON)
    aliases: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"info": {"texts": list}})
    tier: str = word(Tier, Tier.ACTIVE)
    stage: str = word(Stage, Stage.TO_CONTACT)
    context: str | None = None
    place: str | None = None
    how_to_reach: str | None = None
    status_text: str | None = None
    birthday: str | None = Field(
        default=None, description="ISO day, or --MM-DD without a year (vCard 4.0, RFC 6350 4.3.4)"
    )
    cadence_min_days: int | None = None
    cadence_max_days: int | None = None
    last_contact_at: datetime | None = instant()
    archived_at: datetime | None = instant()
    notes: str | None = None
    private_notes: str | None = None
    external_ids: dict[str, str] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"info": {"texts": dict}})


class Position(Part, table=True):
    """What a contact does or did, and where."""

    OWNER: ClassVar[str] = "contact_id"

    contact_id: int = link("contact")
    organization_id: int | None = link("organization", required=False)
    title: str | None = None
    current: bool = True


class ContactMethod(Part, table=True):
    """A way to reach a contact."""

    __tablename__ = "contact_method"
    OWNER: ClassVar[str] = "contact_id"

    contact_id: int = link("contact")
    kind: str
    value: str
    label: str | None = None
    primary: bool = False


class ContactTag(Part, table=True):
    """A contact is in a tag."""

    __tablename__ = "contact_tag"
    OWNER: ClassVar[str] = "contact_id"

    contact_id: int = link("contact")
    tag_id: int = link("tag")


class Relationship(Sourced, table=True):
    """`from` knows (or manages, taught ...) `to`."""

    from_contact_id: int = link("contact")
    to_contact_id: int = link("contact")
    type: str = "knows"
    note: str | None = None


class Tombstone(Numbered, table=True):
    """What was removed: so that its id is not used again and a calendar can say it is cancelled."""

    table_name: str
    ref: str | None = None
    uid: str = Field(index=True)
    revision: int
    removed_at: datetime = instant(required=True)


class Setting(Record, table=True):
    """A choice that belongs to the data, not to one machine's config.toml."""

    name: str = Field(unique=True)
    value: str
