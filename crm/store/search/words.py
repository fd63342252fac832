"""The words of a search as a person typed them, and which of them a full text index can look up."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

LETTER: Final = re.compile(r"[^\W_]")

# Scripts that put no blanks between words: an index has a whole run of them as one word.
UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that texts have a word beginning with, or, where `whole`, words of exactly these in a row."""

    text: str
    whole: bool = False

    @property
    def indexed(self) -> bool:
        """Whether the index has it by its beginning: there is a letter or digit in it, and blanks part its words."""
        return bool(LETTER.search(unicodedata.normalize("NFC", self.text))) and not UNSPACED.search(self.text)
