"""The lossless document: what goes out comes in again, and what does not fit is refused with its place."""

import copy
import json

import pytest


def exported(crm, *options):
    """The document, without the moment it was made."""
    return {key: value for key, value in crm("export", "json", *options).json.items() if key != "exported_at"}


@pytest.fixture
def lived_in(crm):
    """A home with people, talks, promises and hours in it."""
    crm("contact", "add", "Jane Roe", "--organization", "Acme", "--title", "Engineer", "--email", "jane@example.org")
    crm("contact", "add", "Kim Lee", "--tag", "mentors", "--private-note", "only for me", "--alias", "Kimmy")
    crm("contact", "add", "Gone Soon")
    crm("contact", "remove", "Gone Soon", "--yes")
    crm("relate", "jane", "knows", "kim")
    crm("question", "add", "What would you learn first?", "--for", "@mentors")
    crm("hours", "add", "Meeting people", "--role", "networking")
    crm("hours", "target", "Meeting people", "2.5h")
    crm("hours", "available", "monday", "3h")
    crm("plan", "start", "2026-01-05")
    crm("plan", "set", "--total-hours", "400", "--goal", "ML engineer\nby 2029 \x1b[31m")
    crm("commitment", "add", "Post", "2/week", "--accept")
    crm("check-in", "post", "--note", "first")
    crm(
        "log-contact",
        "kim",
        "--kind",
        "coffee",
        "--duration",
        "45m",
        "--note",
        "secret",
        "--private",
        "--answer",
        "q1=Math",
    )
    crm("schedule", "jane", "fri", "14:30", "--kind", "call")
    crm("task", "add", "Send the repo", "--due", "today", "--for", "jane")
    crm("reminder", "tick")
    return crm


def test_an_empty_home_gives_the_same_document_again(lived_in, tmp_path, move):
    """Export, import into an empty home, export: equal, private notes and removed things included."""
    before = exported(lived_in, "--include-private")
    file = tmp_path / "everything.json"
    lived_in("export", "json", "--include-private", "-o", str(file))
    move("other")
    lived_in("import", str(file))
    assert exported(lived_in, "--include-private") == before
    assert before["tombstones"]
    assert before["deliveries"]


def test_short_ids_come_along_and_are_not_used_again(lived_in, tmp_path, move):
    """In the other home people answer to the same short ids, and the id of a removed one stays unused."""
    file = tmp_path / "everything.json"
    lived_in("export", "json", "-o", str(file))
    move("other")
    lived_in("import", str(file))
    assert lived_in("contact", "show", "c2", "--json").json["name"] == "Kim Lee"
    assert lived_in("contact", "add", "New Person", "--json").json["ref"] == "c4"


def test_importing_twice_changes_nothing(lived_in, tmp_path):
    """A document read into the home it came from finds everything the same."""
    file = tmp_path / "everything.json"
    lived_in("export", "json", "-o", str(file))
    before = exported(lived_in)
    counts = lived_in("import", str(file), "--json").json
    assert (counts["new"], counts["changed"], counts["kept"]) == (0, 0, 0)
    assert exported(lived_in) == before


def test_an_import_is_undone_whole(lived_in, tmp_path, move):
    """`crm undo` takes an import back: nothing of it is left."""
    file = tmp_path / "everything.json"
    lived_in("export", "json", "-o", str(file))
    move("other")
    lived_in("import", str(file))
    lived_in("undo")
    left = exported(lived_in)
    assert not any(left[key] for key in left if key not in {"format", "version"})


def test_private_notes_leave_only_when_asked(lived_in):
    """Without --include-private they are left out, and standard error says how many."""
    shown = lived_in("export", "json")
    assert "only for me" not in shown.out
    assert "secret" not in shown.out
    assert "2 private notes" in shown.err
    with_them = lived_in("export", "json", "--include-private").out
    assert "only for me" in with_them


def test_there_are_no_integer_ids_in_the_document(lived_in):
    """References are uids; no key `id` and no key ending in `_id` stands anywhere."""

    def keys(value):
        if isinstance(value, dict):
            yield from value
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from keys(each)

    found = set(keys(exported(lived_in)))
    assert "uid" in found
    assert [key for key in found if key == "id" or key.endswith("_id")] == ["message_id"]  # a text


CONTACT = {"uid": "u1", "name": "Jane", "added_at": "2026-01-05T17:00:00Z", "updated_at": "2026-01-05T17:00:00Z"}
DOCUMENT = {"format": "networking-crm", "version": 1, "contacts": [CONTACT]}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["version"], 99, "version"),
        (["format"], "other", "format"),
        (["contacts"], [], "no records"),
        (["contacts"], {}, "contacts"),
        (["contacts", 0], "Jane", "contacts[0]"),
        (["contacts", 0, "name"], 5, "contacts[0].name"),
        (["contacts", 0, "name"], None, "contacts[0].name"),
        (["contacts", 0, "name"], "a\x00b", "contacts[0].name"),
        (["contacts", 0, "name"], "a\ud800b", "contacts[0].name"),
        (["contacts", 0, "stage"], "friend", "keeping-in-touch"),
        (["contacts", 0, "added_at"], "2026-01-05T17:00:00", "contacts[0].added_at"),
        (["contacts", 0, "added_at"], "0001-01-01T00:00:00Z", "contacts[0].added_at"),
        (["contacts", 0, "revision"], 1.5, "contacts[0].revision"),
        (["contacts", 0, "aliases"], {"a": "b"}, "contacts[0].aliases"),
        (["contacts", 0, "aliases"], [1], "contacts[0].aliases"),
        (["contacts", 0, "ref"], "t1", "contacts[0].ref"),
        (["contacts", 0, "tags"], ["nowhere"], "nowhere"),
        (["contacts", 0, "source"], [], "contacts[0]"),
        (["contacts", 0, "positions"], [{"organization": "nowhere"}], "nowhere"),
        (["availability"], {"moonday": {}}, "moonday"),
        (["surprise"], [], "surprise"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(crm, tmp_path, path, value, said):
    """A wrong value ends with 2, names where it stands, and changes nothing."""
    document = copy.deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    failed = crm("import", "--format", "json", str(file), code=2)
    assert said in failed.err
    assert len(failed.err.strip().splitlines()) <= 2
    assert exported(crm)["contacts"] == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe{}",
        b'{"format": "networking-crm", "version": 1, "contacts": [NaN]}',
        b'{"format": "networking-crm", "version": 1, "contacts": ' + b"[" * 100_000,
    ],
)
def test_a_broken_file_is_refused(crm, tmp_path, data):
    """No JSON, cut off, in another encoding or nested without end: exit 2 and one clear line."""
    file = tmp_path / "bad.json"
    file.write_bytes(data)
    crm("import", "--format", "json", str(file), code=2)


def test_a_name_given_twice_is_refused_whole(crm, tmp_path):
    """Two records of one uid clash: exit 5, and not even the first is there."""
    file = tmp_path / "twice.json"
    file.write_text(json.dumps(DOCUMENT | {"contacts": [CONTACT, CONTACT]}), encoding="utf-8")
    crm("import", str(file), code=5)
    assert exported(crm)["contacts"] == []
