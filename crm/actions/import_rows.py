"""Taking the rows of a file: new things are added, changed fields merged, and everything is reported.

Reading the same file again changes nothing. What the person removed stays removed; what they edited stays edited.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from crm import models as m
from crm import rows as r
from crm.actions import plan_targets, targets
from crm.actions.merging import Moment, Target, Verdict, encoded, facts, judge
from crm.actions.worksheet_words import called, label_of, worded
from crm.errors import BadValueError
from crm.store import gaps, matching

TARGETS: dict[type[r.Row], Target] = {
    r.TagRow: targets.TAG,
    r.OrganizationRow: targets.ORGANIZATION,
    r.ContactRow: targets.CONTACT,
    r.RelationshipRow: targets.RELATIONSHIP,
    r.IntroductionRow: targets.INTRODUCTION,
    r.ReferralRow: targets.REFERRAL,
    r.QuestionRow: targets.QUESTION,
    r.TaskRow: plan_targets.TASK,
    r.ReviewRow: plan_targets.REVIEW,
    r.ActivityRow: plan_targets.ACTIVITY,
    r.AvailabilityRow: plan_targets.AVAILABILITY,
    r.CommitmentRow: plan_targets.COMMITMENT,
    r.PlanRow: plan_targets.PLAN,
}
NOTICE = r.NoticeRow.KIND

FieldKey = tuple[str, str, str]
"""Kind, key and field: what one baseline is about."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one row: new, changed, same, kept (the person's own edit stands), or removed (by the person)."""

    what: str
    kind: str
    name: str
    line: int | None
    details: tuple[str, ...] = ()


@dataclass
class Report:
    """What became of all rows, and what the reader could not settle."""

    changes: list[Change] = field(default_factory=list)
    notices: list[r.NoticeRow] = field(default_factory=list)

    def counts(self, kind: str) -> dict[str, int]:
        """How many rows of a kind became what."""
        found: dict[str, int] = {}
        for change in self.changes:
            if change.kind == kind:
                found[change.what] = found.get(change.what, 0) + 1
        return found


class _Import:
    """One reading of one file."""

    def __init__(self, session: Session, file: str, moment: Moment, decided: Mapping[FieldKey, bool]) -> None:
        self.session = session
        self.decided = decided
        self.file = file
        self.moment = moment
        self.baselines = matching.baselines(session)

    def take(self, row: r.Row) -> Change:
        """Merge one row."""
        target = TARGETS[type(row)]
        known = self._known_uid(row)
        record = matching.by_uid(self.session, row.KIND, known) if known else None
        if known and record is None and matching.was_removed(self.session, known):
            return Change("removed", row.KIND, called(row.KIND, row.key), row.source.line)
        record = record or target.find(self.session, row)
        what = "same"
        if record is None:
            record, what = target.make(self.session, row), "new"
        elif isinstance(row, r.PlanRow) and self._brings_new(row, target, record):
            what = "new"
        details = self._merge(row, target, record, is_new=what == "new")
        if what == "same" and details:
            what = "kept" if all(each.startswith("kept") for each in details) else "changed"
        name = called(row.KIND, row.key)
        return Change(what, row.KIND, name, row.source.line, () if what == "new" else tuple(details))

    def _known_uid(self, row: r.Row) -> str | None:
        """The record that an earlier reading made or found; a plan's rows each bring other fields."""
        if isinstance(row, r.PlanRow):
            return None
        baseline = self.baselines.get((row.KIND, row.key, "record"))
        return baseline.record_uid if baseline else None

    def _brings_new(self, row: r.PlanRow, target: Target, plan: m.Record) -> bool:
        """Whether the plan has none of what the row says, and an earlier reading did not say it either."""
        names = facts(row, target)
        was_read = any((row.KIND, row.key, name) in self.baselines for name in names)
        return not was_read and all(target.fields[name].get(self.session, plan) in (None, "") for name in names)

    def _merge(self, row: r.Row, target: Target, record: m.Record, *, is_new: bool) -> list[str]:
        details = []
        for name, value in facts(row, target).items():
            access = target.fields[name]
            label = access.label or label_of(name)
            at = (row.KIND, row.key, name)
            baseline, stands = self.baselines.get(at), access.get(self.session, record)
            said_before = baseline.value if baseline else None
            verdict = judge(value, said_before, stands, overwrite=is_new or access.additive)
            if access.implied(self.session, record, value) is not None:
                verdict = Verdict.SAME
            if verdict is Verdict.KEEP and not self.decided.get(at):
                details.append(f"kept your {label} {_here(name, stands)}; the file says {worded(name, value)}")
                if at not in self.decided:
                    continue
            elif verdict is not Verdict.SAME:
                access.put(self.session, record, value, self.moment)
                if access.get(self.session, record) != stands:
                    details.append(f"{label}: {worded(name, value)}")
            self._remember(row, name, encoded(value), record.uid)
        if not isinstance(row, r.PlanRow):
            self._remember(row, "record", encoded(row.key), record.uid)
        self.session.flush()
        return details

    def _remember(self, row: r.Row, name: str, value: str, uid: str | None) -> None:
        key = (row.KIND, row.key, name)
        read: dict[str, Any] = {
            "value": value,
            "record_uid": uid,
            "file": row.source.file or self.file,
            "line": row.source.line,
        }
        baseline = self.baselines.get(key)
        if baseline is None:
            baseline = self.baselines[key] = m.WorksheetBaseline(kind=row.KIND, key=row.key, field=name, **read)
            self.session.add(baseline)
        for column, fresh in read.items():
            if getattr(baseline, column) != fresh:
                setattr(baseline, column, fresh)

    def take_notices(self, notices: Iterable[r.NoticeRow]) -> None:
        """Keep what is unsure for `crm gaps`, in place of what the last reading of this file left."""
        fresh, files = set(), {self.file}
        for row in notices:
            fresh.add(row.key)
            files.add(row.source.file or self.file)
            known = self.baselines.get((NOTICE, row.key, NOTICE))
            if known and gaps.is_settled(known):
                continue
            told: dict[str, Any] = {
                "level": row.level,
                "subject": row.subject,
                "remedy": row.remedy,
                "blank": row.blank,
            }
            self._remember(row, NOTICE, encoded(told), None)
        for (kind, key, _name), baseline in list(self.baselines.items()):
            if kind == NOTICE and baseline.file in files and key not in fresh:
                self.session.delete(baseline)


def _here(name: str, stands: object) -> str:
    return "(blank)" if stands in (None, "", ()) else worded(name, stands)


def import_rows(
    session: Session,
    rows: Iterable[r.Row],
    *,
    file: str,
    moment: Moment,
    decided: Mapping[FieldKey, bool] | None = None,
) -> Report:
    """Take every row of a file: those that others refer to first, and what is written outright before what is inferred.

    What both the file and the person changed stays as it is here and is named each time, unless it is `decided`: to
    take the file's (True), or to keep what is here and not to ask again (False).

    Raises:
        BadValueError: there is not one row: an import never succeeds with nothing.
        AmbiguousError: a row names somebody of whom there are several.
    """
    given = list(rows)
    taken = [row for row in given if not isinstance(row, r.NoticeRow)]
    if not taken:
        raise BadValueError(f"{file} holds nothing that could be read; nothing was changed")
    order = {kind: place for place, kind in enumerate(TARGETS)}
    work = _Import(session, file, moment, decided or {})
    report = Report(notices=[row for row in given if isinstance(row, r.NoticeRow)])
    for row in sorted(taken, key=lambda each: (order[type(each)], each.source.inferred)):
        report.changes.append(work.take(row))
    work.take_notices(report.notices)
    return report
