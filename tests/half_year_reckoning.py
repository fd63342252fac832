"""The figures of a half year, reckoned day by day from the log of what was done, with nothing of the program."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil, floor

from half_year_log import TALKS

A_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def whole(number):
    """The nearest whole number, a half up."""
    return floor(Fraction(number) + Fraction(1, 2))


def days(first, last):
    """Each day from the first to the last."""
    return [first + number * A_DAY for number in range((last - first).days + 1)]


def told(instant):
    """An instant as JSON tells it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def months_on(day, months):
    """So many months later, at the latest the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_force(dated, day):
    """The value that counts on a day, by the day from which each counts; None before the first."""
    begun = [each for each in dated if each <= day]
    return dated[max(begun)] if begun else None


class Reckoning:
    """The figures at an instant, by the days of a zone; weeks begin on Monday."""

    def __init__(self, log, now, tz):
        self.log, self.now, self.tz = log, now, tz
        self._days = {}
        self.today = self.day(now)

    def day(self, instant):
        """The local day of an instant."""
        if instant not in self._days:
            self._days[instant] = instant.astimezone(self.tz).date()
        return self._days[instant]

    def midnight(self, day):
        """The instant at which a local day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.tz)

    def minutes(self, entry, at=None):
        """How long an entry is; one whose timer runs, up to an instant, or so far."""
        if entry.minutes is not None:
            return entry.minutes
        return int(((at or self.now) - entry.started_at).total_seconds() // 60)

    def spent(self, first=None, last=None, *, activity=None, role=None):
        """The minutes logged from one local day to another, of all or of some activities."""
        return sum(
            self.minutes(each)
            for each in self.log.entries.values()
            if (first is None or first <= self.day(each.started_at))
            and (last is None or self.day(each.started_at) <= last)
            and activity in {None, each.activity}
            and role in {None, self.log.roles[each.activity]}
        )

    # Hours ---------------------------------------------------------------------------------------------------------

    def week(self, day):
        """`crm week --at day`."""
        first = day - day.weekday() * A_DAY
        week = days(first, first + 6 * A_DAY)
        counts_on = self.today if self.today in week else week[-1]
        asked = {name: in_force(dated, counts_on) for name, dated in self.log.targets.items()}
        activities = [
            (name, self.spent(week[0], week[-1], activity=name), asked[name].minutes if asked.get(name) else 0)
            for name in self.log.roles
        ]
        target = sum(each[2] for each in activities)
        counted = sum(min(done, least) for _name, done, least in activities)
        if not target:
            counted = sum(done for _name, done, _least in activities)
            begun_on = self.log.start_on or self.today
            target = (self.log.weekly_hours or 0) * 60 if week[-1] >= begun_on else 0
        room = [self.log.room.get(each.weekday(), 0) for each in week]
        weights = room if sum(room) else [1] * 7
        passed = sum(weight for each, weight in zip(week, weights, strict=True) if each < self.today)
        left = [each for each in zip(week, room, strict=True) if each[0] >= self.today]
        today_left = [max(0, there - self.spent(each, each)) for each, there in left if each == self.today]
        return {
            "from_on": str(week[0]),
            "to_on": str(week[-1]),
            "activities": [
                {"name": name, "minutes": done, "target_minutes": least} for name, done, least in activities
            ],
            "behind_minutes": max(0, whole(Fraction(target * passed, sum(weights))) - counted),
            "available_minutes": sum(today_left) + sum(there for each, there in left if each != self.today),
        }

    def today_hours(self):
        """`hours` of `crm today`."""
        week = self.week(self.today)
        least = sum(each["target_minutes"] for each in week["activities"])
        begun = self.log.start_on is None or self.log.start_on - self.log.start_on.weekday() * A_DAY <= self.today
        return {
            "minutes": sum(each["minutes"] for each in week["activities"]),
            "target_minutes": least or ((self.log.weekly_hours or 0) * 60 if begun else 0),
        }

    def targets(self):
        """Each activity's role, targets, and the one that counts today or, before the first, that one."""
        found = []
        for name, role in self.log.roles.items():
            dated = self.log.targets.get(name, {})
            now = in_force(dated, self.today) or (dated[min(dated)] if dated else None)
            found.append(
                {
                    "name": name,
                    "role": role,
                    "targets": {str(each): (dated[each].minutes / 60, dated[each].share) for each in dated},
                    "weekly_hours": now.minutes / 60 if now else None,
                    "share_percent": now.share if now else None,
                }
            )
        return found

    def entries(self, activity=None):
        """When each entry began and how long it is, in that order."""
        found = [each for each in self.log.entries.values() if activity in {None, each.activity}]
        return sorted((told(each.started_at), each.minutes or -1) for each in found)

    def heatmap(self, year, activity=None):
        """`crm hours heatmap --year year`."""
        by_day = [
            (each, self.spent(each, each, activity=activity)) for each in days(date(year, 1, 1), date(year, 12, 31))
        ]
        runs = [[day for day, _minutes in run] for active, run in groupby(by_day, lambda each: each[1] > 0) if active]
        longest = max(runs, key=len, default=None)
        return {
            "minutes": sum(minutes for _day, minutes in by_day),
            "active_days": sum(minutes > 0 for _day, minutes in by_day),
            "longest_streak": longest and {"from_on": str(longest[0]), "to_on": str(longest[-1]), "days": len(longest)},
            "days": [{"date": str(day), "minutes": minutes} for day, minutes in by_day],
        }

    def budget(self):
        """`crm hours budget`, but for what it says of the plan itself."""
        log, start = self.log, self.log.start_on
        total = log.total_hours * 60 if log.total_hours else None
        last = months_on(start, log.months) if start and log.months else None
        logged_on = sorted(self.day(each.started_at) for each in log.entries.values())
        begun_on = start or (logged_on[0] if logged_on else None)
        done = self.spent(start, self.today)
        rest = None if total is None else max(0, total - done)
        line = self._line(total, last, self.today)
        needed = None
        if rest is not None and last and last >= max(self.today, start):
            needed = ceil(Fraction(7 * rest, max(7, (last - max(self.today, start)).days + 1)))
        weeks = list(self._weeks(begun_on, total, last))
        full = [each for each in weeks if each[0] >= begun_on and each[1] < self.today][-4:]
        spent = sum(each[2] for each in full)
        forecast = None
        if rest and spent:
            forecast = self.today + (ceil(Fraction(7 * rest * len(full), spent)) - 1) * A_DAY
        reached = [each for each in sorted(set(logged_on)) if total and self.spent(start, each) >= total]
        learning = self.spent(None, self.today, role="metalearning")
        return {
            "minutes": done,
            "before_minutes": self.spent(None, min(start - A_DAY, self.today)) if start else 0,
            "rest_minutes": rest,
            "line_minutes": line,
            "behind_minutes": None if line is None else max(0, line - done),
            "ahead_minutes": None if line is None else max(0, done - line),
            "needed_weekly_minutes": needed,
            "pace_weekly_minutes": whole(Fraction(spent, len(full))) if full else None,
            "pace_weeks": len(full),
            "forecast_on": str(forecast) if forecast else None,
            "reached_on": str(min(reached)) if reached else None,
            "metalearning_minutes": learning,
            "metalearning": self._band(learning, total),
            "weeks": [
                {"from_on": str(a), "to_on": str(b), "minutes": m, "total_minutes": t, "line_minutes": on_line}
                for a, b, m, t, on_line in weeks
            ],
        }

    def _line(self, total, last, day):
        start = self.log.start_on
        if total is None or last is None or last < start:
            return None
        length = (last - start).days + 1
        return whole(Fraction(total * min(length, max(0, (day - start).days)), length))

    def _weeks(self, begun_on, total, last):
        if begun_on is None or begun_on > self.today:
            return
        first = begun_on - begun_on.weekday() * A_DAY
        while first <= self.today:
            end = first + 6 * A_DAY
            here, so_far = self.spent(max(first, begun_on), end), self.spent(self.log.start_on, end)
            yield first, end, here, so_far, self._line(total, last, min(self.today, end + A_DAY))
            first += 7 * A_DAY

    def _band(self, minutes, total):
        if not total:
            return None
        least, most = whole(Fraction(total, 20)), whole(Fraction(total, 10))
        state = "top" if minutes >= most else "within" if minutes >= least else "below"
        return {"minutes": minutes, "from_minutes": least, "to_minutes": most, "state": state}

    # Commitments ---------------------------------------------------------------------------------------------------

    def standing(self, commitment):
        """What `crm commitment list` tells of an accepted commitment besides the record."""
        found = self._periods(commitment, self.today)
        first, last, times, done, skipped, _whole = found[-1]
        assert first <= self.today <= last
        left = max(0, times - done - skipped)
        act_by_on = last - (left - 1) * A_DAY if left else None
        now = best = 0
        for _first, end, asked, did, left_out, complete in found:
            if did + left_out >= asked:
                now += did > 0
            elif complete and end < self.today:
                now = 0
            best = max(best, now)
        return {
            "done": done,
            "skipped": skipped,
            "left": left,
            "act_by_on": str(act_by_on) if act_by_on else None,
            "safe_until_on": str(act_by_on - A_DAY) if act_by_on else None,
            "streak": now,
            "best_streak": best,
        }

    def periods(self, commitment):
        """What `crm commitment show` tells of each period so far."""
        return [
            {"from_on": str(first), "to_on": str(last), "times": times, "done": done, "skipped": skipped}
            | {"kept": done + skipped >= times, "whole": complete}
            for first, last, times, done, skipped, complete in self._periods(commitment, self.today)
            if commitment.accepted
        ]

    def _periods(self, commitment, until):
        """First and last day, how often asked, done and skipped, and whether it was whole, of each up to a day's."""
        versions, found = commitment.versions, []
        begun_on = min(versions)
        units = {each: in_force(versions, each)[1] for each in days(begun_on, max(until, begun_on) + 62 * A_DAY)}
        labelled = groupby(units, lambda each: (units[each], _calendar(each, units[each])))
        for (_unit, (first, end)), group in labelled:
            run = list(group)
            if run[0] > until:
                break
            done, skipped = (
                sum(first <= self.day(at) <= run[-1] for at, was_skipped in commitment.marks if was_skipped == wanted)
                for wanted in (False, True)
            )
            complete = run[0] == first and run[-1] == end
            found.append((first, run[-1], in_force(versions, run[-1])[0], done, skipped, complete))
        return found

    # Reviews -------------------------------------------------------------------------------------------------------

    def due_on(self, review):
        """The day on which a review falls."""
        start = self.log.start_on
        return months_on(start, review.months) + 7 * review.weeks * A_DAY if start else None

    def facts(self, name):
        """What `crm review show` says of the log; the names and counts of it."""
        log, review = self.log, self.log.reviews[name]
        to_at = review.completed_at or self.now
        to_on = self.day(to_at)
        before = [
            (each.completed_at, other)
            for other, each in log.reviews.items()
            if each.completed_at
            and (each.completed_at < to_at or (review.completed_at is None and each.completed_at == to_at))
        ]
        since, from_at, from_on = None, None, None
        if before:
            from_at, since = max(before)
            from_on = self.day(from_at)
        elif log.start_on and log.start_on <= to_on:
            since, from_at, from_on = "the plan's start", self.midnight(log.start_on), log.start_on

        def inside(instant):
            if instant is None or instant > to_at:
                return False
            return from_at is None or (from_at < instant if before else from_at <= instant)

        activities = [
            {
                "name": activity,
                "minutes": sum(
                    self.minutes(each, to_at)
                    for each in log.entries.values()
                    if each.activity == activity and inside(each.started_at)
                ),
                "target_minutes": self._asked(log.targets.get(activity, {}), from_on, to_on),
            }
            for activity in log.roles
        ]
        least = sum(each["target_minutes"] for each in activities)
        stretch = (to_on - from_on).days if from_on else 0
        reached = self._reached(inside)
        return {
            "since": since,
            "from_at": told(from_at),
            "to_at": told(to_at),
            "hours": {
                "minutes": sum(each["minutes"] for each in activities),
                "target_minutes": least or whole(Fraction((log.weekly_hours or 0) * 60 * stretch, 7)),
                "activities": activities,
            },
            "people_reached": reached,
            "talks": sum(each["talked"] for each in reached),
            "answers": [text for at, _who, text in sorted(log.answers, key=lambda each: each[0]) if inside(at)],
            "referrals": _moved(log.referrals, inside),
            "introductions": _moved(log.introductions, inside),
            "commitments": [
                self._promise(ref, each, inside, from_on, to_on)
                for ref, each in log.commitments.items()
                if each.accepted or any(inside(at) and not skipped for at, skipped in each.marks)
            ],
            "checklist": {
                "done": sum(at is not None and at <= to_at for at in log.checklist.values()),
                "total": len(log.checklist),
                "done_since": sum(inside(at) for at in log.checklist.values()),
            },
        }

    def _asked(self, dated, from_on, to_on):
        if not dated:
            return 0
        first = from_on or min(dated)
        each_day = [in_force(dated, day) for day in days(first, to_on - A_DAY)]
        return whole(Fraction(sum(each.minutes for each in each_day if each), 7))

    def _reached(self, inside):
        mine = [
            (each.at, who, each.kind in TALKS)
            for each in self.log.contacts
            for who in each.who
            if inside(each.at) and (each.direction == "out" or each.kind in TALKS)
        ]
        talked = {who for _at, who, talks in mine if talks}
        return [
            {"name": who, "talked": who in talked} for who in dict.fromkeys(who for _at, who, _talks in sorted(mine))
        ]

    def _promise(self, ref, commitment, inside, from_on, to_on):
        ended = [
            (times, done + skipped)
            for _first, last, times, done, skipped, complete in self._periods(commitment, to_on)
            if (from_on is None or from_on <= last) and last < to_on and (complete or done + skipped >= times)
        ]
        times, per = in_force(commitment.versions, to_on) or commitment.versions[min(commitment.versions)]
        return {
            "ref": ref,
            "title": commitment.title,
            "done": sum(inside(at) and not skipped for at, skipped in commitment.marks),
            "skipped": sum(inside(at) and skipped for at, skipped in commitment.marks),
            "kept": sum(did >= asked for asked, did in ended),
            "periods": len(ended),
            "times": times,
            "per": per,
        }


def _moved(found, inside):
    return [{"ref": ref, "state": state} for ref, (state, at) in found.items() if inside(at)]


def _calendar(day, unit):
    """The first and last day of the calendar's day, week or month."""
    if unit == "day":
        return day, day
    if unit == "week":
        first = day - day.weekday() * A_DAY
        return first, first + 6 * A_DAY
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def next_period(day, unit):
    """The first day after the calendar's period that holds the day."""
    return _calendar(day, unit)[1] + A_DAY
