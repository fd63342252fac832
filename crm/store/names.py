"""Finding people, tags and organizations by what a person types. A name is never guessed."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from crm.errors import AmbiguousError, NotFoundError
from crm.escaping import quote, refuse_unstorable, shorten
from crm.folding import fold
from crm.models import Contact, ContactTag, Organization, Tag
from crm.models.words import Tier
from crm.store import records

REF = re.compile(r"c?(\d{1,9})", re.ASCII)
JOINERS = {"and", "&"}
LONGEST_NAME_WORDS = 10
LONGEST_COMPARED = 80
ALIKE = 80
MISSPELT = 75

Named = TypeVar("Named", Contact, Tag, Organization)
Pick = Callable[[str, Sequence[Contact]], Contact]


def refuse(text: str, candidates: Sequence[Contact]) -> Contact:
    """What to do with an ambiguous name where nobody can be asked: list the candidates.

    Raises:
        AmbiguousError: always.
    """
    labels = [label(each) for each in candidates[:10]]
    raise AmbiguousError(
        f"{quote(text)} could be any of {len(candidates)} people; say which by id, such as {candidates[0].ref}",
        candidates=labels,
    )


def label(contact: Contact) -> str:
    """A contact in one line, with what tells namesakes apart."""
    known = next(filter(None, (contact.context, contact.place, contact.how_to_reach)), None)
    name = f"{contact.ref} {shorten(contact.name, 60)}"
    return f"{name} ({shorten(known, 40)})" if known else name


def contact(session: Session, text: str, *, pick: Pick = refuse) -> Contact:
    """The one contact that answers to `text`: exact name or alias, unique first name, then id or uid.

    `pick` chooses where several do.

    Raises:
        NotFoundError: nobody does; close names are offered as candidates.
        AmbiguousError: several do, and `pick` does not choose.
    """
    for search in (called, _by_first_name, _by_id):
        candidates = search(session, text)
        if candidates:
            return candidates[0] if len(candidates) == 1 else pick(text, candidates)
    raise _nobody(session, text)


def called(session: Session, text: str) -> list[Contact]:
    """Everybody of that name or alias: those written exactly so if any are, else case and accents aside.

    Archived people are found only where nobody else has the name.
    """
    key = fold(refuse_unstorable(text, what="The name"))
    if not key:
        return []
    with_aliases = select(Contact.id, Contact.aliases).where(sa.cast(Contact.aliases, sa.String) != "[]")
    by_alias = [number for number, aliases in session.exec(with_aliases) if key in map(fold, aliases)]
    query = select(Contact).where(sa.or_(col(Contact.name_key) == key, col(Contact.id).in_(by_alias)))
    found = _live(list(session.exec(query.order_by(col(Contact.id)))))
    exact = [each for each in found if text.strip() in (each.name, *each.aliases)]
    return exact or found


def _live(found: list[Contact]) -> list[Contact]:
    return [each for each in found if each.archived_at is None] or found


def _by_first_name(session: Session, text: str) -> list[Contact]:
    query = select(Contact).where(Contact.first_key == fold(text), Contact.first_key != "")
    found = _live(list(session.exec(query.order_by(col(Contact.id)))))
    return [each for each in found if each.tier != Tier.NONE] or found


def _by_id(session: Session, text: str) -> list[Contact]:
    match = REF.fullmatch(text.strip().lower())
    where = Contact.id == int(match[1]) if match else Contact.uid == text.strip().lower()
    return list(session.exec(select(Contact).where(where)))


def _nobody(session: Session, text: str) -> NotFoundError:
    if REF.fullmatch(text.strip().lower()):
        return NotFoundError(f"there is no contact {quote(text)}; see: crm contact list")
    near = nearest(text, list(session.exec(select(Contact.name))))
    named = quote(text) if text.strip() else '"THEIR NAME"'
    way_out = "did you mean one of these?" if near else f"add them with: crm contact add {named}"
    return NotFoundError(f"nobody is called {quote(text)}; {way_out}", candidates=near)


def nearest(text: str, names: Sequence[str]) -> list[str]:
    """Up to three names that `text` may be a misspelling of, or of a part of, best first."""
    wanted = _compared(text)
    scores = {name: _likeness(wanted, _compared(name)) for name in names}
    near = sorted((name for name, score in scores.items() if score >= MISSPELT), key=lambda each: -scores[each])
    return [shorten(name, LONGEST_COMPARED) for name in near[:3]]


def alike(text: str, names: Sequence[str]) -> list[str]:
    """Up to three names that one could take for `text`, or for which one could take it: Marla for Marlo."""
    wanted = _compared(text)
    return [shorten(name, LONGEST_COMPARED) for name in names if fuzz.ratio(wanted, _compared(name)) >= ALIKE][:3]


def _compared(text: str) -> str:
    """As much of a name as is compared; a longer one would take long and help nobody."""
    return fold(text[:LONGEST_COMPARED])


def _likeness(text: str, name: str) -> float:
    """How well the text fits the name or so many words of it, 0 to 100."""
    words, count = name.split(), len(text.split()) or 1
    windows = (" ".join(words[start : start + count]) for start in range(len(words) - count + 1))
    return max(fuzz.ratio(text, each) for each in (name, *windows))


def similar(session: Session, contact: Contact) -> list[Contact]:
    """Up to three others whose first name is the same, or whose whole name is nearly so: Marla beside Marlo."""
    rows = session.exec(select(Contact.id, Contact.name_key, Contact.first_key).where(Contact.id != contact.id)).all()
    key = contact.name_key[:LONGEST_COMPARED]
    scores = {
        number: 100 if first_key == contact.first_key else fuzz.ratio(key, name_key[:LONGEST_COMPARED])
        for number, name_key, first_key in rows
    }
    near = sorted((number for number, score in scores.items() if score >= ALIKE), key=lambda each: -scores[each])
    return [session.get_one(Contact, number) for number in near[:3]]


def people(session: Session, words: Sequence[str], *, pick: Pick = refuse) -> list[Contact]:
    """Everybody that `words` name, each once: names in one or several words, ids, and `@tag` for all in a tag.

    Between names `and`, `&` and commas may stand.

    Raises:
        NotFoundError, AmbiguousError: as `contact`; also for a tag that is unknown or empty.
    """
    found: dict[int, Contact] = {}
    rest = [bare for word in words if (bare := word.strip().removesuffix(","))] or list(words)
    while rest:
        if found and fold(rest[0]) in JOINERS:
            rest = rest[1:]
            continue
        taken, contacts = _leading(session, rest, pick)
        found |= {each.id: each for each in contacts}
        rest = rest[taken:]
    return list(found.values())


def _leading(session: Session, words: Sequence[str], pick: Pick) -> tuple[int, list[Contact]]:
    """How many of the words are the first name, and whom it means; the longest name that fits is meant."""
    if words[0].startswith("@"):
        return 1, tagged(session, words[0])
    for count in range(min(len(words), LONGEST_NAME_WORDS), 1, -1):
        joined = " ".join(words[:count])
        candidates = called(session, joined)
        if candidates:
            return count, [candidates[0] if len(candidates) == 1 else pick(joined, candidates)]
    return 1, [contact(session, words[0], pick=pick)]


def tag(session: Session, text: str) -> Tag:
    """The tag of that name, with or without `@`, case and accents aside; or of that id.

    Raises:
        NotFoundError: there is none; close ones are offered.
        AmbiguousError: several differ from it in case only.
    """
    name = refuse_unstorable(text, what="The tag").removeprefix("@")
    every = list(session.exec(select(Tag).order_by(col(Tag.id))))
    found = _called(every, name, lambda each: (each.name,)) or _numbered(session, Tag, name)
    if found is None:
        near = nearest(name, [each.name for each in every])
        raise NotFoundError(
            f"there is no tag {quote(text)}; see: crm tag list", candidates=[f"@{each}" for each in near]
        )
    return found


def find_tag(session: Session, name: str) -> Tag | None:
    """The tag of that name, case and accents aside, or None."""
    every = list(session.exec(select(Tag).order_by(col(Tag.id))))
    return _called(every, name, lambda each: (each.name,))


def tagged(session: Session, text: str) -> list[Contact]:
    """Everybody in a tag, as it stands now, in the order they came in; archived people are left out.

    Raises:
        NotFoundError: the tag is unknown or nobody is in it.
    """
    chosen = tag(session, text)
    found = members(session, chosen)
    if not found:
        name = shorten(chosen.name, 60)
        raise NotFoundError(f"nobody is in @{name} yet; add somebody with: crm contact tag WHO {name}")
    return found


def members(session: Session, tag: Tag) -> list[Contact]:
    """Everybody in a tag, in the order they came in; archived people are left out, and there may be nobody."""
    query = select(Contact).join(ContactTag).where(ContactTag.tag_id == tag.id, col(Contact.archived_at).is_(None))
    return list(session.exec(query.order_by(col(ContactTag.id))))


def organization(session: Session, text: str) -> Organization | None:
    """The organization of that name or alias, or None; never by part of a name."""
    key = fold(refuse_unstorable(text, what="The name"))
    exact = session.exec(select(Organization).where(Organization.name_key == key)).first()
    if exact is not None:
        return exact
    with_aliases = session.exec(select(Organization).where(sa.cast(Organization.aliases, sa.String) != "[]"))
    return _called(list(with_aliases), text, lambda each: each.aliases)


def the_organization(session: Session, text: str) -> Organization:
    """The organization of that name, alias, id or uid.

    Raises:
        NotFoundError: there is none; close ones are offered.
        AmbiguousError: it is the alias of several.
    """
    found = organization(session, text) or _numbered(session, Organization, text)
    if found is None:
        near = nearest(text, list(session.exec(select(Organization.name))))
        raise NotFoundError(f"there is no organization {quote(text)}; see: crm organization list", candidates=near)
    return found


def _called(things: Sequence[Named], text: str, names_of: Callable[[Named], Sequence[str]]) -> Named | None:
    """The one thing that has the name, written exactly so or, failing that, case and accents aside."""
    exact = [each for each in things if text in names_of(each)]
    found = exact or [each for each in things if fold(text) in map(fold, names_of(each))]
    if len(found) > 1:
        raise AmbiguousError(
            f"{quote(text)} could be any of {len(found)}; say which by id, such as {found[0].ref}",
            candidates=[f"{each.ref} {shorten(each.name, 60)}" for each in found[:10]],
        )
    return found[0] if found else None


def _numbered(session: Session, model: type[Named], text: str) -> Named | None:
    try:
        return records.by_ref(session, model, text)
    except NotFoundError:
        return None
