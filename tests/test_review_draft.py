"""A review's form in an editor: written as Markdown, read back, and never lost."""

import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import Typed, document

from crm.actions.review_draft import read, write
from crm.actions.review_form import PRIORITIES, Item
from crm.errors import BadValueError

QUESTIONS = ["Why?", "What went well?", PRIORITIES]
TEXT = st.text(st.sampled_from("ab #\\.-<!>1\n") | st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40)


def items(*answers):
    """A form with these answers."""
    return [Item(at, *pair) for at, pair in enumerate(zip(QUESTIONS, answers, strict=True), start=1)]


BLANK = items("", "", "")


@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_what_is_written_is_read_back(one, two, three, facts):
    """Whatever the answers and the facts hold, headings and comments among it."""
    found = read(write(f"Week {one}", facts, items(one, two, three)), items(one, two, three))
    assert {number: text.strip() for number, text in found.items()} == dict(
        enumerate(map(str.strip, (one, two, three)), 1)
    )


@given(st.text() | st.lists(st.sampled_from(["", " ", "# a", "## 1. Why?", "<!--", "-->"])).map("\n".join))
def test_any_text_is_read_or_refused(text):
    """What is no form is refused with words, and what is blank holds nothing."""
    if text.strip():
        with pytest.raises(BadValueError):
            read(text, BLANK)
    else:
        assert read(text, BLANK) == {}


def test_windows_line_ends_and_a_mark_at_the_beginning_are_read():
    """Editors may leave both."""
    text = "\ufeff" + write("Week 2", [], items("a\nb", "", "")).replace("\n", "\r\n")
    assert read(text, BLANK)[1] == "a\nb"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## 2. What went well?", "## What went well?", "no heading of this form"),
        ("## 2. What went well?", "## 2. What went ill?", "no heading of this form"),
        ("## 2. What went well?", "## 7. What went well?", "no heading of this form"),
        ("## 2. What went well?", "", "is missing"),
        ("## 2. What went well?", "## 1. Why?", "twice"),
        ("<!--", "Hello\n\n<!--", "line 3 stands above the first question"),
        ("-->", "", "is missing"),
    ],
)
def test_what_was_spoiled_is_named(old, new, says):
    """By its line, or by the question that is missing."""
    text = write("Week 2", ["Hours: 3 h"], items("a", "b", "c"))
    with pytest.raises(BadValueError, match=says):
        read(text.replace(old, new, 1) if old != "-->" else text[: text.index(old)], BLANK)


# The command


@pytest.fixture
def edit(prepared, home, monkeypatch):
    """Run `crm review start week-2 --editor` with an editor that changes its file as a line of Python says."""
    crm = prepared("review add 'Week 2' --weeks 2", "review add 'Month 1' --months 1", "plan start 2026-01-05")
    script = home / "editor.py"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' -IS '{script}'")

    def run(change, code=0):
        script.write_text(
            "import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text(encoding='utf-8')\n"
            f"{change}\npath.write_text(text, encoding='utf-8')\n"
        )
        monkeypatch.setattr("sys.stdin", Typed("n\n"))
        return crm("review", "start", "week-2", "--editor", code=code)

    (told,) = [each for each in crm("review", "list", "--json").json["items"] if each["ref"] == "v1"]
    run.crm, run.draft = crm, home / "reviews" / f"v1-{told['uid'][:8]}.md"
    return run


ANSWER = "text = text.replace('## 1. What went well?', '## 1. What went well?\\nMornings', 1)"


def answers(crm):
    return [each["text"] for each in crm("review", "show", "week-2", "--json").json["answers"]]


def test_answers_are_written_in_the_editor(edit):
    """The file holds facts and questions; what was written is kept, and the file goes."""
    seen = "assert 'Hours: 0 min' in text and '## 5. What comes first' in text"
    assert "Kept: What went well?" in edit(f"{seen}\n{ANSWER}").out
    assert answers(edit.crm) == ["Mornings"]
    assert not edit.draft.exists()
    edit("text = text.replace('Mornings', 'Evenings')")
    assert answers(edit.crm) == ["Evenings"]


def test_nothing_written_changes_nothing(edit):
    """An untouched, emptied or deleted file; answers of before stay."""
    edit(ANSWER)
    before = document(edit.crm)
    for change in ("", "text = ''", "text = ' \\n'", "path.unlink(); sys.exit(0)"):
        assert "Nothing was changed" in edit(change).err
        assert not edit.draft.exists()
    assert document(edit.crm) == before


def test_an_answer_that_is_emptied_stays(edit):
    """What was kept is taken back by --answer only."""
    edit(ANSWER)
    edit("text = text.replace('Mornings', '') + 'Rest'")
    assert answers(edit.crm) == ["Mornings", "Rest"]


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (f"{ANSWER}; text = text.replace('## 2.', '## Two.')", 2, "no heading of this form"),
        (f"{ANSWER}; text = text[:text.index('## 4.')]", 2, "is missing"),
        (f"{ANSWER}; text = text + 't9'", 3, "there is no task"),
        (f"{ANSWER}; text = text + chr(0)", 2, "NUL"),
        (f"{ANSWER}; path.write_text(text, encoding='utf-8'); sys.exit(3)", 1, "ended with 3"),
        (f"{ANSWER}; path.write_bytes(text.encode() + bytes([255])); sys.exit(0)", 2, "not UTF-8"),
        (f"{ANSWER}; text = text + 'x' * 1_000_001", 2, "the most is 1,000,000"),
    ],
)
def test_what_cannot_be_read_is_not_lost(edit, change, code, says):
    """The text stays in a file of the person's own, which is named, and the next start goes on with it."""
    failed = edit(change, code=code)
    assert says in failed.err
    assert str(edit.draft) in failed.err.replace("\n  ", " ")
    assert b"Mornings" in edit.draft.read_bytes()
    assert stat.S_IMODE(edit.draft.stat().st_mode) == 0o600
    assert stat.S_IMODE(edit.draft.parent.stat().st_mode) == 0o700
    assert answers(edit.crm) == []


def test_the_next_start_goes_on_with_what_was_left(edit):
    """Mended, it is kept."""
    edit(f"{ANSWER}; text = text.replace('## 2.', '## Two.')", code=2)
    again = edit("text = text.replace('## Two.', '## 2.')")
    assert "Going on with what you left" in again.err
    assert answers(edit.crm) == ["Mornings"]
    assert not edit.draft.exists()


def test_an_editor_that_cannot_be_run_is_named(edit, monkeypatch):
    """With how to name another; VISUAL comes before EDITOR."""
    monkeypatch.setenv("VISUAL", "/no/such/editor --wait")
    assert "export EDITOR=nano" in edit("", code=1).err
    monkeypatch.setenv("VISUAL", "'unclosed")
    assert "no command line" in edit("", code=1).err


def test_an_untouched_form_is_not_left_behind(edit, monkeypatch):
    """Where the editor could not be run or failed before anything was written, there is nothing to go on with."""
    edit(ANSWER)
    assert "what you wrote" not in edit("sys.exit(3)", code=1).err
    assert not edit.draft.exists()
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    edit("", code=1)
    assert not edit.draft.exists()
    edit.crm("undo")
    monkeypatch.delenv("VISUAL")
    assert "Going on" not in edit("").err
    assert answers(edit.crm) == []


def test_what_was_left_is_shown_with_the_facts_as_they_are_now(edit):
    """What was written stays as it is, and so does a file whose beginning is not the form's."""
    spoil = "text = text.replace('## 2.', '## Two.')"
    edit(f"{ANSWER}; {spoil}", code=2)
    edit.crm("log-contact", edit.crm("contact", "add", "Ann Ash", "--json").json["ref"], "--kind", "coffee")
    edit("assert '- Ann Ash, talked' in text and '\\nMornings' in text and text.count('Hours: ') == 1", code=2)
    edit("text = 'Hello\\n' + text", code=2)
    edit.crm("undo")
    edit("assert text.startswith('Hello') and '- Ann Ash, talked' in text", code=2)


@pytest.mark.parametrize("more", [("--yes",), ("--json",)])
def test_an_editor_needs_a_person(edit, more, monkeypatch):
    """Elsewhere the way without is named."""
    monkeypatch.setattr("sys.stdin", Typed(""))
    assert "--answer" in edit.crm("review", "start", "week-2", "--editor", *more, code=2).err
