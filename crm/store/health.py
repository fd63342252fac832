"""Whether the database is sound."""

import sqlalchemy as sa

from crm.errors import ConfigurationError
from crm.store.engine import for_reading, newest_backup, translated


def faults(engine: sa.Engine) -> list[str]:
    """What SQLite's own checks find wrong: damaged pages, and links that point nowhere. Empty when sound."""
    with translated(engine), for_reading(engine).connect().execution_options(crm_reads=True) as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(sa.select(1))
            return []
        damaged = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(5)") if row[0] != "ok"]
        dangling = [
            f"{row[0]} {row[1]} refers to a {row[2]} that is not there"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        ]
    return damaged + dangling


def refuse_damaged(engine: sa.Engine) -> None:
    """The quick look before a daemon starts.

    Raises:
        ConfigurationError: the database is damaged; the newest backup is named.
    """
    with translated(engine), for_reading(engine).connect().execution_options(crm_reads=True) as connection:
        if connection.dialect.name == "sqlite":
            verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if verdict != "ok":
                raise ConfigurationError(f"the database is damaged ({verdict}); {newest_backup(engine)}")
