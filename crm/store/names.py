"""Finding people and organizations by what a person types. A name is never guessed."""

import re
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlmodel import Session, col, select

from crm.errors import AmbiguousError, NotFoundError
from crm.models import Contact, ContactTag, Organization, Tag
from crm.models.words import Tier

REF = re.compile(r"c?(\d{1,18})", re.ASCII)


def fold(text: str) -> str:
    """What two spellings of one name share: case, accents and surplus blanks are left out."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def first(text: str) -> str:
    """The folded first word of a name."""
    return fold(text).partition(" ")[0]


def contact(session: Session, text: str) -> Contact:
    """The one contact that answers to `text`: exact name or alias, unique first name, then id or uid.

    Raises:
        NotFoundError: nobody does; close names are offered as candidates.
        AmbiguousError: several do; they are listed.
    """
    for candidates in (_by_name(session, text), _by_first_name(session, text), _by_id(session, text)):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise AmbiguousError(
                f"{text!r} could be any of {len(candidates)} people; name one", candidates=_labels(candidates)
            )
    raise _nobody(session, text)


def _by_name(session: Session, text: str) -> list[Contact]:
    key = fold(text)
    named = list(session.exec(select(Contact).where(Contact.name_key == key)))
    if named:
        verbatim = [each for each in named if each.name == text.strip()]
        return verbatim if len(verbatim) == 1 else named
    with_aliases = session.exec(select(Contact).where(sa.cast(Contact.aliases, sa.String) != "[]"))
    return [each for each in with_aliases if key in map(fold, each.aliases)]


def _by_first_name(session: Session, text: str) -> list[Contact]:
    found = list(
        session.exec(select(Contact).where(Contact.first_key == fold(text), col(Contact.archived_at).is_(None)))
    )
    return [each for each in found if each.tier != Tier.NONE] or found


def _by_id(session: Session, text: str) -> list[Contact]:
    match = REF.fullmatch(text.strip().lower())
    where = Contact.id == int(match[1]) if match else Contact.uid == text.strip().lower()
    return list(session.exec(select(Contact).where(where)))


def _labels(contacts: Sequence[Contact]) -> list[str]:
    return [f"{each.ref} {each.name}" + (f" ({each.context})" if each.context else "") for each in contacts[:10]]


def _nobody(session: Session, text: str) -> NotFoundError:
    near = nearest(text, list(session.exec(select(Contact.name))))
    way_out = "did you mean one of these?" if near else f"add them with: crm contact add {text!r}"
    return NotFoundError(f"nobody is called {text!r:.80}; {way_out}", candidates=near)


def nearest(text: str, names: Sequence[str]) -> list[str]:
    """Up to three names that look like `text`, best first."""
    found = process.extract(fold(text), names, scorer=fuzz.WRatio, processor=fold, limit=3, score_cutoff=75)
    return [name for name, _score, _place in found]


def people(session: Session, words: Sequence[str]) -> list[Contact]:
    """Everybody that `words` name, each once: names in one or several words, ids, and `@tag` for all in a tag.

    Raises:
        NotFoundError, AmbiguousError: as `contact`; also for a tag that is unknown or empty.
    """
    found: dict[int | None, Contact] = {}
    rest = list(words)
    while rest:
        taken, contacts = _leading(session, rest)
        found |= {each.id: each for each in contacts}
        rest = rest[taken:]
    return list(found.values())


def _leading(session: Session, words: Sequence[str]) -> tuple[int, list[Contact]]:
    if words[0].startswith("@"):
        return 1, tagged(session, words[0])
    for count in range(len(words), 1, -1):
        joined = _by_name(session, " ".join(words[:count]))
        if len(joined) == 1:
            return count, joined
    return 1, [contact(session, words[0])]


def tag(session: Session, text: str) -> Tag:
    """The tag of that name, with or without `@`.

    Raises:
        NotFoundError: there is none; close ones are offered.
    """
    name = text.removeprefix("@")
    found = session.exec(select(Tag).where(Tag.name == name)).first()
    if found is None:
        near = nearest(name, list(session.exec(select(Tag.name))))
        raise NotFoundError(
            f"there is no tag {text!r:.80}; see: crm tag list", candidates=[f"@{each}" for each in near]
        )
    return found


def tagged(session: Session, text: str) -> list[Contact]:
    """Everybody in a tag, as it stands now, in the order they came in; archived people are left out.

    Raises:
        NotFoundError: the tag is unknown or nobody is in it.
    """
    chosen = tag(session, text)
    query = select(Contact).join(ContactTag).where(ContactTag.tag_id == chosen.id, col(Contact.archived_at).is_(None))
    found = list(session.exec(query.order_by(col(ContactTag.id))))
    if not found:
        raise NotFoundError(f"nobody is in @{chosen.name} yet; add somebody with: crm contact tag WHO {chosen.name}")
    return found


def organization(session: Session, text: str) -> Organization | None:
    """The organization of that name or alias, or None; never by part of a name."""
    key = fold(text)
    exact = session.exec(select(Organization).where(Organization.name_key == key)).first()
    if exact is not None:
        return exact
    with_aliases = session.exec(select(Organization).where(sa.cast(Organization.aliases, sa.String) != "[]"))
    return next((each for each in with_aliases if key in map(fold, each.aliases)), None)
