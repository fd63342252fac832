"""Generic words that decide what is no person's name. There is no name of anybody here, and must never be."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _set(
    """de del della der den des di da das do dos du la las le les los van von vom zu zum zur ter ten te 't bin bint ibn
    ben abu al el af av"""
)
"""Small words inside a name, when a capitalised word follows."""

CONNECTIVES = _set(
    """from at who whom whose that in with via of for works working worked used met my our is was and or about through
    by on formerly previously currently now ex"""
)
"""Words that begin what is said about a person."""

HONORIFICS = _set("mrs prof rev hon sen gov gen capt")
"""Abbreviations whose full stop does not end a sentence; shorter ones need no list."""

GROUPS = _set(
    """people friends colleagues coworkers classmates roommates neighbors neighbours recruiters engineers experts
    managers developers scientists analysts designers researchers professors teachers mentors students alumni
    practitioners employees contacts candidates team teams group groups community communities club clubs company
    companies startups universities meetup meetups conference conferences event events interviews questions books"""
)
"""Nouns for several people or things: `recruiters`, also after a company's name."""

NOUNS = GROUPS | _set(
    """someone somebody anyone anybody everyone everybody nobody friend cousin brother sister uncle aunt mom dad mother
    father coworker colleague classmate roommate neighbor neighbour recruiter engineer engineering expert manager
    developer scientist analyst designer researcher professor teacher mentor student alumnus practitioner employee
    contact candidate career fair office services network society association program bootcamp startup university
    college school department lab labs book course courses class interview question project projects design system
    systems resume portfolio inc llc ltd corp gmbh"""
)
"""Nouns that no name holds."""

OPENERS = _set(
    """the a some any all every each this that these those there here our your their his its they ask find email call
    text also new more other others old if when but then maybe perhaps what how why where which who from at with via of
    for works working worked used met about through formerly previously currently now not them"""
)
"""Words that begin no name."""

SHORT = _set(
    """i he she you we it me him her us my an so in on by or and is was no ex guy girl man woman boss person co sons
    partners"""
)
"""Words that are no name by themselves, yet may be part of one, as some surnames are."""

GENERIC = NOUNS | OPENERS | SHORT | CONNECTIVES
"""All words that by themselves tell of no person by name."""

BRANDS = _set(
    """linkedin discord twitter x github gitlab slack reddit google youtube instagram insta facebook meta zoom whatsapp
    telegram tiktok email gmail leetcode hackerrank chatgpt claude copilot cursor python java javascript typescript sql
    excel notion anki obsidian docker kubernetes aws azure pytorch tensorflow kaggle coursera udemy edx excalidraw
    lucidchart amazon apple microsoft netflix openai stackoverflow monday tuesday wednesday thursday friday saturday
    sunday january february march july september october november december"""
)
"""Capitalised words that stand where a name could in running prose: services, tools, days."""

ROLES = _set(
    """engineer scientist recruiter manager developer analyst designer researcher director founder cofounder lead head
    professor intern consultant architect president officer ceo cto cfo coo vp pm swe mle sde"""
)
"""The last word of a job title."""

EMPLOYERS = _set(
    """startup startups faang fang fanng maang research lab labs big tech top tier public private etc remote any company
    companies corporation firm agency government university industry"""
)
"""Words for kinds of employers, which are no company's name."""

NOT_ONESELF = _set("he she they you it this that these those there some most many people the a an my your their")
"""What begins a clause in which somebody else, or a thing, does something."""
