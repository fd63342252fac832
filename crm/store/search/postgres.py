"""The index on PostgreSQL: a table with a text search vector, made by functions that need no extension.

Case and accents are taken away by Unicode's own rules (NFKD), as `crm.store.names.fold` does, and what is neither
letter nor digit parts words; the configuration `simple` then takes each word as it is.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from crm.store.search.words import Word

KEY: Final = "key"
NAMES: Final = {"agg": "string_agg", "texts": "json_array_elements_text"}
LABELS: Final = {"name": "A", "text": "B", "about": "C", "private": "D"}
RANKS: Final = (0.1, 0.03, 0.1, 1.0)  # of private, about, text and name
LONGEST: Final = 200_000
"""So many characters of a text are searched; a vector holds no more than a mebibyte."""

# Collations that know the letters of every script, best first; the database's own may know ASCII only.
COLLATION: Final = (
    "SELECT quote_ident(collname) FROM pg_collation WHERE collname IN ('und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8') "
    "ORDER BY array_position(ARRAY['und-x-icu', 'en_US.utf8', 'C.utf8', 'C.UTF-8']::name[], collname) LIMIT 1"
)
FUNCTION: Final = """
CREATE FUNCTION search_words(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(
    lower(regexp_replace(normalize(left(given, {longest}), NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff]', '', 'g')
      COLLATE {collation}),
    '[^[:alnum:]]+', ' ', 'g')
$$
"""
TABLE: Final = """
CREATE TABLE search (
  key bigint PRIMARY KEY, name text NOT NULL, text text NOT NULL, about text NOT NULL, private text NOT NULL,
  words tsvector GENERATED ALWAYS AS ({vector}) STORED
)
"""
FUNCTIONS: Final = (
    "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
    "AND starts_with(proname, 'search_') AND prorettype = 'trigger'::regtype ORDER BY 1"
)


def create(connection: sa.Connection) -> list[str]:
    """SQL for the function that finds words, and for the table."""
    collation = connection.exec_driver_sql(COLLATION).scalar() or '"default"'
    vector = " || ".join(
        f"setweight(to_tsvector('simple'::regconfig, search_words({column})), '{label}')"
        for column, label in LABELS.items()
    )
    return [
        FUNCTION.format(longest=LONGEST, collation=collation),
        TABLE.format(vector=vector),
        "CREATE INDEX ix_search_words ON search USING gin (words)",
    ]


def trigger(name: str, event: str, table: str, body: str) -> list[str]:
    """SQL for a trigger that runs `body` after an event on each row."""
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def triggers(connection: sa.Connection) -> list[str]:
    """The names of the triggers that are there; each has a function of the same name."""
    return list(connection.exec_driver_sql(FUNCTIONS).scalars())


def drop(connection: sa.Connection) -> list[str]:
    """SQL that takes triggers, table and functions away, as far as they are there."""
    return [
        *(f"DROP FUNCTION {name}() CASCADE" for name in triggers(connection)),
        "DROP TABLE IF EXISTS search",
        "DROP FUNCTION IF EXISTS search_words(text)",
    ]


def matching(connection: sa.Connection, words: Sequence[Word], columns: Sequence[str]) -> sa.Select[int, float]:
    """The keys of the rows that have every word in these columns, and how well each fits (lower is better)."""
    found = sa.column("words", TSVECTOR)
    wanted = sa.cast(_query(connection, words, "".join(LABELS[column] for column in columns)), TSQUERY)
    score = -100 * sa.func.ts_rank(sa.cast(list(RANKS), sa.ARRAY(sa.REAL)), found, wanted, type_=sa.Float)
    query = sa.select(sa.column(KEY, sa.BigInteger), score.label("score")).select_from(sa.table("search"))
    return query.where(found.op("@@")(wanted))


def _query(connection: sa.Connection, words: Sequence[Word], labels: str) -> str:
    """The words in the query language, taken apart by the function that takes the texts apart."""
    texts = sa.func.unnest(sa.cast([word.text for word in words], sa.ARRAY(sa.Text)), type_=sa.Text)
    lexemes = connection.scalars(sa.select(sa.func.search_words(texts.column_valued("word"), type_=sa.Text)))
    phrases = (
        _phrase(text.split(), labels, "" if word.whole else "*") for word, text in zip(words, lexemes, strict=True)
    )
    return " & ".join(filter(None, phrases))


def _phrase(lexemes: Sequence[str], labels: str, prefix: str) -> str:
    """Lexemes in a row; of letters and digits alone, they cannot break the query language."""
    *others, last = lexemes or ("",)
    return " <-> ".join([*(f"'{each}':{labels}" for each in others), f"'{last}':{prefix}{labels}"]) if last else ""
