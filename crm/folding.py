"""What two spellings of one name share."""

import unicodedata


def fold(text: str) -> str:
    """What two spellings of one name share: case, accents and surplus blanks are left out.

    A name of nothing but accents is left as it is, so that no name is nothing.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join((bare if bare.strip() else text).casefold().split())


def first(text: str) -> str:
    """The folded first word of a name."""
    return fold(text).partition(" ")[0]
