"""Organizations: companies and others, and which of them the person wants to work at."""

from collections import Counter
from collections.abc import Sequence

from sqlmodel import Session

from crm.actions.checked import brief, counted, optional, required
from crm.errors import BadValueError, RefusedError
from crm.folding import fold
from crm.models import Organization
from crm.store import journal, names, organizations, records, references


def add(
    session: Session, name: str, *, aliases: Sequence[str], target: bool, note: str | None
) -> tuple[Organization, list[str]]:
    """A new organization; with it come remarks, such as another of nearly that name.

    Raises:
        RefusedError: there is one of that name or alias.
        BadValueError: the name is blank.
    """
    near = names.alike(name, [each.name for each in records.every(session, Organization)])
    _refuse_doubles(session, [required(name, what="The name"), *aliases], None)
    made = Organization(
        name=name,
        name_key=fold(name),
        aliases=[required(each, what="The alias") for each in aliases],
        target=target,
        notes=optional(note or "", what="The note"),
    )
    records.add(session, made)
    journal.summarize(session, f"Added organization {brief(name)} ({made.ref})")
    return made, [f"not to be confused with {each}" for each in near]


def edit(
    session: Session,
    organization: Organization,
    *,
    name: str | None,
    aliases: Sequence[str],
    target: bool | None,
    note: str | None,
) -> Organization:
    """Change an organization. Aliases are added, and an empty one first takes all away; an empty note clears it.

    Raises:
        RefusedError: there is another of that name or alias.
        BadValueError: the name is blank, or there is nothing to change.
    """
    if name is None and target is None and note is None and not aliases:
        raise BadValueError("nothing to change; give for example --name NAME, --alias A or --target; see --help")
    _refuse_doubles(session, [*filter(None, [name]), *filter(None, aliases)], organization)
    if name is not None:
        organization.name, organization.name_key = required(name, what="The name"), fold(name)
    if target is not None:
        organization.target = target
    if note is not None:
        organization.notes = optional(note, what="The note")
    if aliases:
        kept = [] if "" in aliases else organization.aliases
        new = [required(each, what="The alias") for each in aliases if each]
        organization.aliases = list(dict.fromkeys([*kept, *new]))
    journal.summarize(session, f"Changed organization {brief(organization.name)} ({organization.ref})")
    return organization


def _refuse_doubles(session: Session, wanted: Sequence[str], itself: Organization | None) -> None:
    for name in wanted:
        there = names.organization(session, name)
        if there is not None and there is not itself:
            raise RefusedError(
                f"{brief(there.name)} ({there.ref}) has that name already; to change it: "
                f"crm organization edit {there.ref}"
            )


def merge(session: Session, kept: Organization, other: Organization) -> Organization:
    """Make two organizations one: everything of `other` becomes `kept`'s, its name an alias.

    Raises:
        RefusedError: they are the same.
    """
    if kept is other:
        raise RefusedError(f"{brief(kept.name)} ({kept.ref}) is one organization already; name two")
    aliases = dict.fromkeys([*kept.aliases, other.name, *other.aliases])
    kept.aliases = [each for each in aliases if each != kept.name]
    kept.target = kept.target or other.target
    kept.notes = "\n\n".join(filter(None, (kept.notes, other.notes))) or None
    journal.summarize(session, f"Merged organization {brief(other.name)} ({other.ref}) into {brief(kept.name)}")
    organizations.merge(session, kept, other)
    return kept


def remove(session: Session, organization: Organization) -> None:
    """Remove an organization.

    Raises:
        RefusedError: somebody works there, or an introduction or referral names it.
    """
    kept = Counter(str(row.__tablename__) for row in references.to(session, organization))
    if kept:
        raise RefusedError(
            f"{brief(organization.name)} is named by {counted(kept)} (crm organization show {organization.ref}); "
            f"rename it with: crm organization edit {organization.ref} --name NAME"
        )
    journal.summarize(session, f"Removed organization {brief(organization.name)} ({organization.ref})")
    records.remove(session, organization)
