"""The checklist that proves itself: what in the log seems to have done an open item. The person confirms, or not.

Only what came since the plan's start or the item's making, whichever is earlier, counts, by the person's days. An item
that is about somebody, or names somebody one tends, is proven by them alone; one that names a tag ("1 expert" and the
tag `experts`) by who is in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.checked import added
from crm.actions.evidence_log import Evidence, Log, of_chat
from crm.actions.proofs import ALONE, Claim, Proof, claim_of
from crm.cadence import day_of, midnight
from crm.dates import say_day
from crm.models import Interaction, Task
from crm.models.words import TaskKind
from crm.store import evidence as store
from crm.store import interactions, plan

MOST_SAID: Final = 3


@dataclass(frozen=True, slots=True)
class Proven:
    """An open item and what seems to have done it, the newest first."""

    task_uid: str
    ref: str
    title: str
    found: tuple[Evidence, ...]
    says: str
    """`your e-mail to Jane Roe on Tue 3 Feb 2026`."""

    def told(self) -> dict[str, object]:
        """As `--json` tells it."""
        evidence = [{"kind": each.kind, "ref": each.ref, "uid": each.uid, "at": each.at} for each in self.found]
        return {"says": self.says, "evidence": evidence}


def proven(session: Session, *, now: datetime, tz: ZoneInfo) -> list[Proven]:
    """Every open checklist item that the log seems to have done, in the order of the list."""
    return proofs_of(session, store.open_items(session), now=now, tz=tz)


def by_task(session: Session, tasks: Sequence[Task], *, now: datetime, tz: ZoneInfo) -> dict[str, Proven]:
    """What seems to have done those of the tasks that are open checklist items, by the task's uid."""
    items = [each for each in tasks if each.kind == TaskKind.CHECKLIST and each.done_at is None]
    return {each.task_uid: each for each in proofs_of(session, items, now=now, tz=tz)}


def proofs_of(session: Session, items: Sequence[Task], *, now: datetime, tz: ZoneInfo) -> list[Proven]:
    """Those of the open checklist items that the log seems to have done.

    The number of queries does not grow with the number of items, and is none where no item speaks of what is logged.
    """
    claimed = [(each, claim) for each in items if (claim := claim_of(each.title))]
    if not claimed:
        return []
    found = plan.current(session)
    started_on = found.start_on if found else None
    begin = {each.id: _since(each, started_on, tz) for each, _claim in claimed}
    log = Log(session, min(begin.values()), now)
    made = (_proof(log, each, claim, begin[each.id], tz) for each, claim in claimed)
    return [each for each in made if each is not None]


def _since(task: Task, started_on: date | None, tz: ZoneInfo) -> datetime:
    """The midnight from which on something can have done an item."""
    made_on = day_of(task.added_at, tz)
    return midnight(min(made_on, started_on or made_on), tz)


def _proof(log: Log, task: Task, claim: Claim, since_at: datetime, tz: ZoneInfo) -> Proven | None:
    meant = None if claim.proof in ALONE else log.meant(task)
    fitting = (each for each in log.of(claim.proof) if each.at >= since_at and (meant is None or each.people & meant))
    found = tuple(_different(fitting, claim))[: claim.count]
    if len(found) < claim.count:
        return None
    return Proven(task.uid, task.ref, task.title, found, _say(claim.proof, found, tz))


def _different(found: Iterator[Evidence], claim: Claim) -> Iterator[Evidence]:
    """Of things done with people, each with somebody whom none before was with: two mails to one are not two people."""
    seen: set[int] = set()
    for each in found:
        if claim.count == 1 or not each.people or each.people - seen:
            seen |= each.people
            yield each


def _say(proof: Proof, found: Sequence[Evidence], tz: ZoneInfo) -> str:
    more = [f"{len(found) - MOST_SAID} more"] if len(found) > MOST_SAID else []
    if proof == Proof.PEOPLE:
        *names, last = [each.what for each in found[:MOST_SAID]] + more
        whom = f"{', '.join(names)} and {last}" if names else last
        return f"having {whom} on your list"
    said = [f"{each.what} {say_day(day_of(each.at, tz))}" for each in found[:MOST_SAID]]
    return "; ".join(said + more)


def kept(session: Session, task: Task, *, tz: ZoneInfo) -> str | None:
    """The interaction that did a task, in words: `your coffee with Jane Roe on Tue 3 Feb 2026 (i7)`."""
    found = session.get(Interaction, task.evidence_id) if task.evidence_id else None
    if found is None:
        return None
    it = of_chat(interactions.chat(session, found))
    return f"{it.what} {say_day(day_of(it.at, tz))} ({it.ref})"


def keep(session: Session, task: Task, proof: Proven, *, tz: ZoneInfo) -> None:
    """Keep with an item what did it: an interaction as its evidence, anything else and several things as a note.

    The note names nobody, so that whoever is forgotten later is not in it: what has to do with people stands there by
    its short id.
    """
    first = next((each for each in proof.found if each.kind == "interaction"), None)
    task.evidence_id = first.number if first else task.evidence_id
    if first is None or len(proof.found) > 1:
        line = f"Done by {', '.join(_without_names(each, tz) for each in proof.found)}"
        task.note = task.note if line in (task.note or "") else added(task.note, line)
    session.add(task)


def _without_names(each: Evidence, tz: ZoneInfo) -> str:
    return each.ref if each.people else f"{each.what} {say_day(day_of(each.at, tz))} ({each.ref})"
