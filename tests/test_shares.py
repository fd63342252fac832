"""LinkedIn's Shares.csv: each post is credited once to the commitment that is meant."""

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_support import Someone, archive, connections
from plan_support import Typed, database, document, undone

from crm.actions import commitments, import_posts
from crm.errors import BadValueError
from crm.importers.linkedin import shares
from crm.importers.linkedin.shares import PostRow
from crm.models.words import Per
from crm.person_rows import SkippedRow
from crm.store import commitments as store

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "posts" / "Shares.csv"
HEADER = ("Date", "ShareLink", "ShareCommentary", "SharedUrl", "MediaUrl", "Visibility")
ACCEPT = "commitment add 'Post on LinkedIn' 2/week --accept"
NOW = "2026-01-29T17:00:00Z"


def link(number):
    return f"https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A{7012345678901234000 + number}"


def file_of(*posts, header=HEADER):
    """Shares.csv with these posts: (date, link, text ...)."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *posts])
    return text.getvalue().encode()


TWO = file_of(("2026-01-26 20:00:00", link(2), "Second"), ("2026-01-21 04:30:00", link(1), "First"))


def read(data, name="Shares.csv"):
    file = io.BytesIO(data)
    file.name = name
    return list(shares.rows(file))


@pytest.fixture
def take(prepared, tmp_path):
    """Import bytes as Shares.csv, into a home that has posting twice a week as its only commitment."""
    crm = prepared(ACCEPT)

    def run(data, *options, name="Shares.csv", code=0, now=NOW):
        path = tmp_path / name
        path.write_bytes(data)
        return crm("import", str(path), *options, "--json", code=code, now=now)

    run.crm = crm
    return run


def marks(crm):
    """When and with what each check-in was made, the oldest first."""
    found = crm("export", "json").json["check_ins"]
    return sorted(((each["done_at"], each["url"]) for each in found), key=lambda each: each[0])


# Reading


def test_the_sample_is_read_whole():
    """Posts in the file's order, whatever was written in them."""
    assert [row.posted_at for row in read(SAMPLE.read_bytes())] == [
        datetime(2026, 1, 8, 17, 12, 33, tzinfo=UTC),
        datetime(2026, 1, 6, 20, 40, 2, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        (("soon", link(1)), "its date cannot be read"),
        (("", link(1)), "its date cannot be read"),
        (("2026-01-05 10:00:00", ""), "it has no web address"),
        (("2026-01-05 10:00:00", "javascript:alert(1)"), "it has no web address"),
        (("2026-01-05 10:00:00", "https://a b"), "it has no web address"),
        (("2026-01-05 10:00:00", "https://example.org/" + "a" * 3000), "it has no web address"),
    ],
)
def test_a_row_that_is_no_post_is_told_with_its_line(post, reason):
    """It is skipped, and the next is read."""
    bad, good = read(file_of(post, ("2026-01-05 10:00:00", link(2))))
    assert isinstance(bad, SkippedRow)
    assert (bad.reason, bad.source.line, bad.source.file) == (reason, 2, "Shares.csv")
    assert isinstance(good, PostRow)


def test_older_columns_and_odd_dates_are_read():
    """Two columns are enough; a date may carry its zone."""
    (post,) = read(file_of(("2026-01-05 10:00:00 UTC", link(1)), header=("Date", "ShareLink")))
    assert post.posted_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    (post,) = read(file_of(("2026-01-05T10:00:00+02:00", link(1))))
    assert post.posted_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize("data", [TWO[:-40], TWO.replace(b"First", b"Fi\0st"), TWO.replace(b"First", b"Fi\xffst")])
def test_a_damaged_file_is_refused_and_nothing_is_written(take, data):
    """Cut off, with a NUL, or in another encoding: exit 2, named with its line."""
    before = document(take.crm)
    assert "line" in take(data, code=2).error["message"]
    assert document(take.crm) == before


@given(st.binary(max_size=300))
def test_noise_is_no_list_of_posts(data):
    """Any bytes below the header are rows, or one clear error."""
    try:
        found = read(b"Date,ShareLink\r\n" + data)
    except BadValueError:
        return
    assert all(isinstance(each, PostRow | SkippedRow) for each in found)


# Crediting


def test_posts_are_check_ins_of_their_day(take):
    """Each is credited with its address and its own time; its uid is made of LinkedIn's number alone."""
    told = take(TWO).json
    assert told["counts"]["credited"] == 2
    assert marks(take.crm) == [("2026-01-21T04:30:00Z", link(1)), ("2026-01-26T20:00:00Z", link(2))]
    assert told["credited"][0]["uid"] == str(uuid.uuid5(uuid.NAMESPACE_URL, "linkedin:7012345678901234001"))
    (standing,) = take.crm("commitment", "list", "--json").json["items"]
    assert standing["done"] == 1


def test_reading_again_doubles_nothing(take):
    """The same file, or a newer one with more in it: what was credited is not again."""
    take(TWO)
    again = take(TWO + file_of(("2026-01-27 20:00:00", link(3), "Third")).split(b"\n", 1)[1]).json
    assert (again["counts"]["credited"], again["counts"]["same"]) == (1, 2)
    before = document(take.crm)
    counts = take(TWO).json["counts"]
    assert (counts["credited"], counts["same"]) == (0, 2)
    assert document(take.crm) == before


def test_a_check_in_of_that_day_gets_the_address(take):
    """What was checked in by hand without an address is that post: by the person's own day, here the 20th."""
    take.crm("check-in", "m1", "--note", "about the engine", now="2026-01-20T20:00:00Z")
    told = take(TWO).json
    assert (told["counts"]["completed"], told["counts"]["credited"]) == (1, 1)
    assert marks(take.crm) == [("2026-01-20T20:00:00Z", link(1)), ("2026-01-26T20:00:00Z", link(2))]
    assert take(TWO).json["counts"]["same"] == 2


def test_a_skip_and_a_proven_check_in_stay_as_they_are(take):
    """A day that was skipped, or that has a check-in with another address, gets a new one; the latter is said."""
    take.crm("check-in", "m1", "--skip", "was ill", now="2026-01-20T20:00:00Z")
    take.crm("check-in", "m1", "--url", "https://example.org/1", now="2026-01-26T18:00:00Z")
    assert take(TWO).json["counts"]["credited"] == 2
    assert [url for _at, url in marks(take.crm)].count(None) == 1


def test_the_same_post_in_another_form_is_known(take):
    """LinkedIn writes a post's address in several ways; its number tells that it is one."""
    take.crm("check-in", "m1", "--url", "https://linkedin.com/posts/me_share-7012345678901234002-ab/", now=NOW)
    counts = take(TWO).json["counts"]
    assert (counts["credited"], counts["same"]) == (1, 1)


def test_what_was_taken_back_stays_away(take):
    """A check-in that the person removed does not come back."""
    ref = take(TWO).json["credited"][0]["ref"]
    take.crm("commitment", "check-ins", "m1", "--remove", ref)
    told = take(TWO).json["counts"]
    assert (told["removed"], told["same"], told["credited"]) == (1, 1, 0)


def test_one_undo_takes_all_of_it_back_and_it_can_be_read_again(take, tmp_path):
    """Check-ins and added addresses go together."""
    take.crm("check-in", "m1", now="2026-01-20T20:00:00Z")
    path = tmp_path / "Shares.csv"
    path.write_bytes(TWO)
    undone(take.crm, "import", str(path), now=NOW)
    assert take(TWO).json["counts"]["credited"] == 1


def test_posts_from_before_the_commitment_need_all(take):
    """Those of the day on which it was made count."""
    old = file_of(("2026-01-04 20:00:00", link(1)), ("2026-01-05 16:00:00", link(2)))
    counts = take(old).json["counts"]
    assert (counts["credited"], counts["earlier"]) == (1, 1)
    counts = take(old, "--all").json["counts"]
    assert (counts["credited"], counts["same"], counts["earlier"]) == (1, 1, 0)


def test_a_post_of_the_future_is_skipped(take):
    """The clock of one of both is wrong."""
    told = take(file_of(("2026-01-29 18:00:00", link(1)), ("2026-01-28 18:00:00", link(2)))).json
    assert [each["reason"] for each in told["skipped"]] == ["its date lies in the future"]


def test_a_dry_run_writes_nothing(take):
    """It tells the same."""
    before = document(take.crm)
    told = take(TWO, "--dry-run").json
    assert (told["counts"]["credited"], told["dry_run"]) == (2, True)
    assert document(take.crm) == before


@pytest.mark.parametrize("data", [file_of(), file_of(("soon", link(1)))])
def test_a_file_without_a_post_is_an_error(take, data):
    """An import never succeeds with nothing."""
    assert "no post" in take(data, code=2).error["message"]


# Which commitment


def test_the_only_one_that_speaks_of_posting_is_meant(take):
    """Others do not matter, and neither does one that is only proposed."""
    take.crm("commitment", "add", "Read a paper", "1/day", "--accept")
    take.crm("commitment", "add", "Post on the blog", "1/month")
    assert take(TWO).json["commitment"] == "m1"


def test_several_that_speak_of_posting_need_the_option(take):
    """Exit 4 with the candidates, and nothing is written; the option takes an id or words."""
    take.crm("commitment", "add", "Post on the blog", "1/month", "--accept")
    before = document(take.crm)
    error = take(TWO, code=4).error
    assert "--commitment m1" in error["message"]
    assert error["candidates"] == ["m1 Post on LinkedIn", "m2 Post on the blog"]
    assert document(take.crm) == before
    assert take(TWO, "--commitment", "blog", "--all").json["commitment"] == "m2"


def test_on_a_terminal_one_is_asked(take, tmp_path, monkeypatch):
    """The person picks by id; a wrong one is asked for again, and Enter ends it with nothing done."""
    take.crm("commitment", "add", "Post on the blog", "1/month", "--accept")
    path = tmp_path / "Shares.csv"
    path.write_bytes(TWO)
    monkeypatch.setattr("sys.stdin", Typed("\n"))
    take.crm("import", str(path), now=NOW, code=130)
    monkeypatch.setattr("sys.stdin", Typed("m7\nM2\n"))
    assert "Post on the blog (m2)" in take.crm("import", str(path), "--all", now=NOW).out


@pytest.mark.parametrize(
    ("setup", "code", "said"),
    [
        ((), 3, "crm commitment add"),
        (("commitment", "add", "Read", "1/day", "--accept"), 4, "--commitment m1"),
        (("commitment", "add", "Post", "1/day"), 3, "crm commitment add"),
    ],
)
def test_without_one_the_way_out_is_named(crm, tmp_path, setup, code, said):
    """None at all, none that speaks of posting, or one that is only proposed."""
    if setup:
        crm(*setup)
    path = tmp_path / "Shares.csv"
    path.write_bytes(TWO)
    assert said in crm("import", str(path), code=code).err


def test_one_that_is_not_accepted_is_refused(take):
    """Named outright, it still has to be taken on first."""
    take.crm("commitment", "remove", "m1")
    take.crm("commitment", "add", "Post", "1/day")
    assert "crm commitment accept" in take(TWO, "--commitment", "post", code=5).error["message"]


def test_the_option_is_for_posts_only(take):
    """Beside a list of people it is refused."""
    people = connections([Someone("Jane", "Roe", "jane-roe")])
    take(people, "--commitment", "m1", name="Connections.csv", code=2)


# In the archive


def test_the_archive_brings_people_and_posts(take):
    """LinkedIn's ZIP as it came: both are read at once, and one undo takes both back."""
    members = {"Connections.csv": connections([Someone("Jane", "Roe", "jane-roe")]), "Shares.csv": TWO, "Ads.csv": b"x"}
    before = document(take.crm)
    told = take(archive(members), name="linkedin.zip").json
    assert told["counts"]["person"] == {"new": 1}
    assert told["posts"]["counts"]["credited"] == 2
    assert told["ignored"] == ["Ads.csv"]
    take.crm("undo")
    assert document(take.crm) == before


@pytest.mark.parametrize("posts", [TWO, file_of()])
def test_an_archive_is_read_without_its_posts_where_none_is_meant(crm, tmp_path, posts):
    """No commitment, or no post: the people come in, and why not is said."""
    path = tmp_path / "linkedin.zip"
    path.write_bytes(archive({"Connections.csv": connections([Someone("Jane", "Roe")]), "Shares.csv": posts}))
    found = crm("import", str(path), "--json")
    assert "Shares.csv was left out" in found.err
    assert "posts" not in found.json
    assert [each["name"] for each in crm("contact", "list", "--all", "--json").json["items"]] == ["Jane Roe"]


# On the screen


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_screen_fits_and_says_what_to_type(take, tmp_path, monkeypatch, columns):
    """Many posts are cut with a line saying so; long addresses fold."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    path = tmp_path / "Shares.csv"
    path.write_bytes(file_of(*((f"2026-01-{day:02} 20:00:00", link(day)) for day in range(6, 28))))
    take.crm("check-in", "m1", "--url", "https://example.org/1", now="2026-01-26T18:00:00Z")
    printed = take.crm("import", str(path), now=NOW).out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "and 12 more" in printed
    assert "crm commitment check-ins m1 --remove" in printed
    assert "crm undo" in printed


# Against another reckoning


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 24 * 20)), max_size=12),
    st.lists(st.integers(0, 24 * 20), max_size=6),
    st.sampled_from(["America/Los_Angeles", "Pacific/Apia", "UTC"]),
)
def test_no_post_counts_twice_and_none_is_lost(home, posts, by_hand, zone):
    """However often and in whatever order files are read: as many check-ins as days and posts call for."""
    start, tz = datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    rows = [PostRow(link=link(n), posted_at=start + timedelta(hours=hours)) for n, hours in posts]
    now = start + timedelta(days=30)
    with database(home, start) as session:
        made = commitments.add(session, "Post", times=2, per=Per.WEEK, accepted=True, today=date(2026, 1, 1))
        for hours in by_hand:
            commitments.check_in(session, made, at=start + timedelta(hours=hours), now=now)
        for some in (rows[: len(rows) // 2], rows, rows[::-1]):
            if some:
                import_posts.credit(session, some, made, file="Shares.csv", earlier_too=True, now=now, tz=tz)
        urls = [each.url for each in store.check_ins(session, made)]
        session.rollback()
    proven = [each for each in urls if each]
    assert sorted(proven) == sorted({each.link for each in rows})
    assert max(len(by_hand), len(proven)) <= len(urls) <= len(by_hand) + len(proven)
