"""What a bullet or a field says about a person: how to reach them, where they work, and the rest in its own words."""

import re
from dataclasses import dataclass

from crm.importers.worksheet.words import GENERIC, ROLES
from crm.rows import Method

_EMAIL = r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_SITES = "linkedin|instagram|github|twitter|facebook|x"
_URL = rf"(?:https?://|www\.|(?<!\w)(?:{_SITES})\.com/)[^\s<>()\[\]\",;]{{1,500}}"
_PHONE = r"(?<![\w@./-])(?:\+|\(|\d)[\d\s().+-]{5,20}\d(?![\w@-])"
_HANDLE = r"(?<![\w@./])@[A-Za-z_](?:[\w.]{0,40}\w)?"
_METHOD = re.compile(f"(?P<email>{_EMAIL})|(?P<url>{_URL})|(?P<phone>{_PHONE})|(?P<handle>{_HANDLE})", re.IGNORECASE)
_NETWORKS = {
    "instagram": re.compile(r"instagram|\binsta\b|\big\b", re.IGNORECASE),
    "linkedin": re.compile("linkedin", re.IGNORECASE),
    "other": re.compile(r"\bdiscord\b|\btwitter\b|\bgithub\b|\btelegram\b|\bslack\b|\bx\b", re.IGNORECASE),
}
_ABOUT_METHODS = re.compile(
    r"(?:\b(?:e-?mail|phone|tel|cell|mobile|number|insta|instagram|ig|linkedin|twitter|github|text|call|dm|at|on|or|and)\b"
    r"|[\W_])*",
    re.IGNORECASE,
)
_EDGES = " \t,;:|/.-\u2013\u2014"
_GROUP = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_SEGMENT = re.compile(r"[,;()|\[\]]|\s[-\u2013\u2014]\s")
_ROLE = "|".join(sorted(ROLES))
_PAST = r"(?P<past>(?:who |he |she |they )?(?:used to |formerly |previously |ex[- ]|former |was ))?"
_LEAD = r"(?:(?:who|he|she|they|is|are|be|a|an|the|now|currently|works?|as) )*"
_EMPLOYED = (
    re.compile(rf"^{_PAST}{_LEAD}(?P<title>(?:[^\s]+ ){{0,4}}?(?:{_ROLE})) (?:at|@) (?P<company>.+)$", re.IGNORECASE),
    re.compile(rf"^{_PAST}{_LEAD}(?P<title>(?:[^\s]+ ){{0,4}}?recruit(?:er|ing)) for (?P<company>.+)$", re.IGNORECASE),
    re.compile(rf"{_PAST}\b(?P<title>)work(?:s|ing|(?P<worked>ed))? (?:at|for) (?P<company>.+)$", re.IGNORECASE),
    re.compile(rf"^{_PAST}(?P<title>)(?:at|@) (?P<company>.+)$", re.IGNORECASE),
)
_COMPANY_ENDS = re.compile(r"\s(?:who|and|but|in|from|since|until|as|on|till|for)\s|\.(?:\s|$)", re.IGNORECASE)
_PLACE = re.compile(r"^(?:who )?(?:(?:is )?(?:based|living|located) |lives? )?in (?P<place>[^\d\W].{0,60})$")


@dataclass(frozen=True, slots=True)
class Job:
    """A position that the text states plainly."""

    organization: str
    title: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class About:
    """What follows a name, taken apart; `context` keeps the words as they were written."""

    context: str | None = None
    methods: tuple[Method, ...] = ()
    job: Job | None = None
    place: str | None = None


def about(rest: str, *, links: str = "") -> About:
    """What the text after a name says; `links` are addresses behind its words."""
    reach = methods(f"{rest} {links}")
    segments = [segment.strip() for segment in _SEGMENT.split(rest) if segment.strip()]
    return About(
        context=_own_words(rest, reach),
        methods=reach,
        job=next((job for job in map(job_in, segments) if job), None),
        place=next((found["place"] for found in map(_PLACE.match, segments) if found), None),
    )


def methods(text: str, *, handles: bool = False) -> tuple[Method, ...]:
    """Ways to reach somebody found in a text; a bare `@handle` counts where a network is named, or on request."""
    network = next((kind for kind, pattern in _NETWORKS.items() if pattern.search(text)), None)
    found: list[Method] = []
    for match in _METHOD.finditer(text):
        kind = str(match.lastgroup)
        value = match.group().rstrip(".'-")
        if kind == "phone" and not _is_phone(value):
            continue
        if kind == "handle":
            if network is None and not handles:
                continue
            kind = network or "other"
        if kind == "url":
            kind = next((each for each in ("linkedin", "instagram") if f"{each}.com" in value.casefold()), "url")
        found.append(Method(kind, value, primary=not found))
    return tuple(found)


def job_in(segment: str) -> Job | None:
    """The position a phrase states: `engineer at Acme`, `recruiter for acme`, `works at Acme`, `@ Acme`."""
    for pattern in _EMPLOYED:
        found = pattern.search(segment)
        company = company_at(found["company"]) if found else None
        if found and company:
            past = found["past"] or found.groupdict().get("worked")
            return Job(company, found["title"] or None, current=not past)
    return None


def company_at(text: str) -> str | None:
    """The company that a text begins with, up to what goes on after it; none for `the bank` and the like."""
    name = _COMPANY_ENDS.split(text, maxsplit=1)[0].strip(_EDGES)
    words = name.split()
    if not 1 <= len(words) <= 5 or words[0].casefold() in GENERIC:
        return None
    return name


def _own_words(rest: str, reach: tuple[Method, ...]) -> str | None:
    """The text as written, without the separators around it; nothing if it only says how to reach somebody."""
    text = rest.lstrip(_EDGES).rstrip(_EDGES.replace(".", ""))
    group = _GROUP.fullmatch(text)
    text = (group[1] or group[2] or "").strip() if group else text
    words = text
    for method in reach:
        words = words.replace(method.value, " ")
    return None if _ABOUT_METHODS.fullmatch(words) else text


def _is_phone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    is_day = re.fullmatch(r"\d{4}[-.]\d{2}[-.]\d{2}|\d{2}[-.]\d{2}[-.]\d{4}", text)
    return 7 <= digits <= 15 and is_day is None
