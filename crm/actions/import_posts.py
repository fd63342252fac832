"""Posts credited to the commitment to post: each of them once, whatever was checked in by hand before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of
from crm.errors import AmbiguousError, BadValueError, NotFoundError, RefusedError
from crm.escaping import quote
from crm.importers.linkedin.shares import PostRow, mark
from crm.models import CheckIn, Commitment
from crm.models.words import CommitmentState
from crm.person_rows import SkippedRow
from crm.store import choice, commitments

SPEAKS: Final = ("post", "linkedin", "share", "publish")
"""How words begin by which a title speaks of posting."""
OPTION: Final = "--commitment m1"


class NoPostError(BadValueError):
    """The file holds no post that can be read."""


@dataclass(frozen=True, slots=True)
class Credited:
    """A check-in that a post proves; `done_at` is aware UTC."""

    ref: str
    uid: str
    done_at: datetime
    url: str

    @classmethod
    def of(cls, check_in: CheckIn) -> "Credited":
        """As it is now."""
        return cls(check_in.ref, check_in.uid, check_in.done_at, check_in.url or "")


@dataclass
class PostReport:
    """What became of the posts of one file.

    Attributes:
        ref: the commitment they were credited to.
        title: its title.
        credited: new check-ins.
        completed: check-ins of the same day that had no address yet and got the post's.
        beside: new check-ins on days that have another one with another address; it may be the same post.
        same: credited before.
        removed: credited before, and taken back by the person.
        earlier: older than the commitment.
        skipped: rows that say no post.
    """

    file: str
    ref: str
    title: str
    credited: list[Credited] = field(default_factory=list)
    completed: list[Credited] = field(default_factory=list)
    beside: list[Credited] = field(default_factory=list)
    same: int = 0
    removed: int = 0
    earlier: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)


def likely(session: Session) -> list[Commitment]:
    """The accepted commitments that can be meant: those whose title speaks of posting, else all."""
    there = commitments.every(session, CommitmentState.ACCEPTED)
    speaking = [each for each in there if any(word.startswith(SPEAKS) for word in choice.words(each.title))]
    return speaking or there


def meant(session: Session) -> Commitment:
    """The only accepted commitment that speaks of posting.

    Raises:
        NotFoundError: none is accepted.
        AmbiguousError: several do, or none; the message names the option that says which.
    """
    there = likely(session)
    if not there:
        raise NotFoundError(
            "there is no accepted commitment to credit posts to; "
            'make one: crm commitment add "Post on LinkedIn" 2/week --accept'
        )
    speaks = any(word.startswith(SPEAKS) for word in choice.words(there[0].title))
    if len(there) > 1 or not speaks:
        said = "several accepted commitments speak" if speaks else "no accepted commitment speaks"
        candidates = [f"{each.ref} {each.title}" for each in there[:10]]
        raise AmbiguousError(f"{said} of posting; say which is meant: {OPTION}", candidates=candidates)
    return there[0]


def credit(
    session: Session,
    rows: Iterable[PostRow | SkippedRow],
    commitment: Commitment,
    *,
    file: str,
    earlier_too: bool,
    now: datetime,
    tz: ZoneInfo,
) -> PostReport:
    """Count each post as done once, on the day (by `tz`) on which it was made.

    Args:
        session: a writing one.
        rows: what the file says.
        commitment: what is credited.
        file: the file's name.
        earlier_too: whether posts count that are older than the commitment.
        now: the present instant, aware UTC; a post from after it is skipped.
        tz: the person's zone.

    Raises:
        NoPostError: the file holds no post at all.
        RefusedError: the commitment is not accepted.
    """
    if commitment.state != CommitmentState.ACCEPTED:
        raise RefusedError(
            f"{quote(commitment.title)} is {commitment.state}, not accepted; "
            f"take it on first: crm commitment accept {commitment.ref}"
        )
    report = PostReport(file, commitment.ref, commitment.title)
    posts = sorted(_posts(rows, report, now), key=lambda each: (each.posted_at, each.link))
    if not posts:
        raise NoPostError(f"{file} holds no post that can be read; nothing was changed")
    since = None if earlier_too else day_of(commitment.added_at, tz)
    _Crediting(session, commitment, report, tz).take(posts, since)
    return report


def _posts(rows: Iterable[PostRow | SkippedRow], report: PostReport, now: datetime) -> list[PostRow]:
    """The posts, each once; the rest is put into the report."""
    found: dict[str, PostRow] = {}
    for row in rows:
        if isinstance(row, SkippedRow):
            report.skipped.append(row)
        elif row.posted_at > now:
            report.skipped.append(SkippedRow(reason="its date lies in the future", name=row.link, source=row.source))
        else:
            found.setdefault(row.uid, row)
    return list(found.values())


class _Crediting:
    """What is there already, by the post's mark and by the person's day."""

    def __init__(self, session: Session, commitment: Commitment, report: PostReport, tz: ZoneInfo) -> None:
        self.session = session
        self.commitment = commitment
        self.report = report
        self.tz = tz
        self.known = {mark(url) for url in commitments.addresses(session)}
        self.removed = commitments.removed_check_ins(session)
        self.bare: dict[date, list[CheckIn]] = {}
        self.proven: set[date] = set()
        for each in reversed(commitments.check_ins(session, commitment)):
            if each.url:
                self.proven.add(day_of(each.done_at, tz))
            elif each.skip_reason is None:
                self.bare.setdefault(day_of(each.done_at, tz), []).append(each)

    def take(self, posts: Iterable[PostRow], since: date | None) -> None:
        """Credit what was not credited before."""
        made: list[tuple[CheckIn, bool]] = []
        for post in posts:
            day = day_of(post.posted_at, self.tz)
            if mark(post.link) in self.known:
                self.report.same += 1
            elif since is not None and day < since:
                self.report.earlier += 1
            elif post.uid in self.removed:
                self.report.removed += 1
            elif self.bare.get(day):
                check_in = self.bare[day].pop(0)
                check_in.url = post.link
                self.report.completed.append(Credited.of(check_in))
            else:
                made.append((self._made(post), day in self.proven))
        self.session.add_all(each for each, _beside in made)
        self.session.flush()
        self.report.credited += [Credited.of(each) for each, _beside in made]
        self.report.beside += [Credited.of(each) for each, beside in made if beside]

    def _made(self, post: PostRow) -> CheckIn:
        return CheckIn(uid=post.uid, commitment_id=self.commitment.id, done_at=post.posted_at, url=post.link)
