"""The worksheet's fixed words, matched leniently: part titles, field labels, blanks and check boxes."""

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from crm.importers.worksheet.blocks import Block, Line

_LIKE = 84
"""How alike (0 to 100) two words must be for one to pass as the other's misspelling; `referals` scores 94."""

_LONG = 6
"""Words shorter than this are no misspellings of each other: `task` is not `ask`."""

_PARTS = (
    # (role, cues): every cue must be in the title; the first line that fits decides
    ("referrals", ("referral",)),
    ("practitioners", ("practitioner",)),
    ("people", ("people", "contact")),
    ("people", ("people", "reach")),
    ("experts", ("expert", "question")),
    ("experts", ("expert", "consultation")),
    ("experts", ("expert", "ask")),
    ("tasks", ("action", "items")),
    ("tasks", ("action", "checklist")),
    ("reviews", ("review", "schedule")),
    ("reviews", ("review", "dates")),
    ("reviews", ("milestone",)),
    ("audit", ("time", "audit")),
    ("audit", ("available", "time")),
    ("allocation", ("time", "allocation")),
    ("accountability", ("accountability",)),
    ("goal", ("goal", "sentence")),
    ("pace", ("weekly", "commitment")),
    ("postings", ("job", "postings")),
    ("postings", ("job", "listings")),
    ("procedures", ("procedures",)),
)
_WHOLE_TITLES = {"experts": "experts", "my experts": "experts", "checklist": "tasks", "reviews": "reviews"}
HEADINGS_SOUGHT = "Questions for Experts, People to Contact, Action Items, Time Allocation, Review Schedule"
"""Some of the titles, for the message when none is there."""

_HORIZONS = (
    ("this-week", re.compile(r"\bthis week\b|\bimmediate")),
    ("next-two-weeks", re.compile(r"\bnext (?:2|two) weeks\b|\bshort term\b|\bfortnight\b")),
    ("before-start", re.compile(r"\bbefore (?:\w+ )?(?:start|begin|main)")),
)

_BLANK = re.compile(r"[\W_]*|\[[^\[\]]*\]|\([^()]*\)|<[^<>]*>|tbd|todo|tba|n/?a|none(?: yet)?|unknown", re.IGNORECASE)
_BOX = re.compile(r"\s*\[(?P<mark>[^\[\]\w]{0,3}|\s?[A-Za-z]\s?)\](?!\()\s*|\s*(?P<sign>[☐☑☒✅✓✔])\s+")
_TICKS = frozenset("xX✓✔√☑✅")
_EMPTY_SIGNS = frozenset(("", "☐"))
_NUMBERING = re.compile(r"^[\W_]*(?:\d+(?:\.\d+)*[.):]?\s+)?")


@dataclass(frozen=True, slots=True)
class Label:
    """`Label: value` taken apart; a text without a colon is all label."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Box:
    """A check box at the start of a text: ticked, open, or `ticked=None` when its mark is neither; and what follows."""

    ticked: bool | None
    text: str


def normal(text: str) -> str:
    """The words of a text in lower case, single-spaced, without punctuation, for comparing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded))


def like(word: str, cue: str) -> bool:
    """Whether a normalised word is the cue, its plural, or a misspelling of it; short words must be exact."""
    plural = f"{cue}s"
    if len(cue) < _LONG:
        return word in (cue, plural)
    return max(fuzz.ratio(word, cue), fuzz.ratio(word, plural)) >= _LIKE


def part(title: str) -> str | None:
    """The part of the worksheet that a heading begins, or None for one that the reader does not use."""
    words = normal(title).split()[:20]
    whole = _WHOLE_TITLES.get(" ".join(word for word in words if not word.isdigit()))
    if whole:
        return whole
    for role, cues in _PARTS:
        if all(any(like(word, cue) for word in words) for cue in cues):
            return role
    return "tasks" if horizon(title) else None


def horizon(title: str) -> str | None:
    """The horizon that a heading of the checklist names."""
    plain = normal(title)
    return next((name for name, pattern in _HORIZONS if pattern.search(plain)), None)


def label(text: str) -> Label:
    """The label and value of a text; emphasis around the label is dropped, the value is kept as written."""
    position = re.search(r"[:\uff1a](?!//)", text[:200])
    if position is None:
        return Label(text.strip("*_ \t"), "")
    name, value = text[: position.start()], text[position.end() :]
    opened = name.lstrip()[:2]
    if opened in {"**", "__"} and name.count(opened) == 1 and value.startswith(opened):
        value = value[2:]
    return Label(name.strip("*_ \t"), value.strip())


def is_open(text: str) -> bool:
    """Whether a text is a label with nothing to say after it, as in `Study partner: ____`."""
    said = label(text)
    bare = not any(sign in said.name for sign in ",([")
    return bare and said.name != text.strip("*_ \t") and is_blank(said.value) and not said.value.startswith("(")


def is_blank(text: str) -> bool:
    """Whether a field was left open: nothing, a line of underscores, a placeholder in brackets, `TBD`."""
    return _BLANK.fullmatch(text.strip()) is not None


def box(text: str) -> Box | None:
    """The check box a text begins with, if any: `[ ]`, `[]`, `[x]`, `[✓]`, `☐` ..."""
    found = _BOX.match(text)
    if found is None:
        return None
    mark = (found["mark"] if found["sign"] is None else found["sign"]).strip()
    ticked = True if mark in _TICKS else False if mark in _EMPTY_SIGNS else None
    return Box(ticked, text[found.end() :])


def unboxed(text: str) -> str:
    """The text without the check box it may begin with."""
    found = box(text)
    return text if found is None else found.text


@dataclass(frozen=True, slots=True)
class Field:
    """A label with its answers, each with the line where it (or the blank) stands."""

    name: str
    answers: tuple[Line, ...]

    @property
    def value(self) -> str:
        """What was filled in, several answers on a line each."""
        return "\n".join(answer.text for answer in self.answers)

    @property
    def line(self) -> int:
        """The line of the first answer."""
        return self.answers[0].number

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in."""
        return is_blank(self.value)

    def has(self, *words: str) -> bool:
        """Whether the label holds one of these words, or a misspelling of it."""
        return any(like(each, word) for each in normal(self.name).split() for word in words)


def field(block: Block) -> Field:
    """The field that an item states; answers may stand beside the label, on the lines or in the bullets below it.

    A line below that begins with a dash is an answer of its own (`-like this`, no bullet to Markdown), any other goes
    on with the answer above it.
    """
    if not block.lines:
        return Field("", (Line(block.line, ""),))
    first, *rest = block.lines
    found = label(unboxed(first.text))
    said = [Line(first.number, found.value)]
    for line in rest:
        if line.text.startswith("-") or is_blank(said[-1].text):
            said.append(Line(line.number, line.text.lstrip("- ")))
        else:
            said[-1] = Line(said[-1].number, f"{said[-1].text} {line.text}")
    said += [Line(inner.line, unboxed(inner.text)) for child in block.children for inner in child.walk()]
    answers = tuple(line for line in said if not is_blank(line.text))
    return Field(found.name, answers or (said[0],))


def name_of(block: Block) -> str:
    """The label of an item, compared loosely: numbering and emphasis dropped, in lower case."""
    return normal(_NUMBERING.sub("", label(unboxed(block.lines[0].text)).name)) if block.lines else ""
