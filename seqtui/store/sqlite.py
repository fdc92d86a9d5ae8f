"""How the file is opened, migrated, set aside when it is damaged, and done without where it cannot be."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE lessons (id TEXT PRIMARY KEY, state TEXT NOT NULL, place TEXT NOT NULL DEFAULT '{}', "
        "seen REAL NOT NULL)",
        "CREATE TABLE blocks (lesson TEXT NOT NULL, block TEXT NOT NULL, state TEXT NOT NULL, "
        "seen REAL NOT NULL, PRIMARY KEY (lesson, block))",
        "CREATE TABLE runs (id TEXT PRIMARY KEY, scene TEXT NOT NULL, started REAL NOT NULL, "
        "seconds REAL NOT NULL, steps INTEGER NOT NULL, score REAL, baseline REAL, state TEXT NOT NULL, "
        "curve TEXT NOT NULL, edits TEXT NOT NULL, name TEXT NOT NULL)",
        "CREATE TABLE said (what TEXT PRIMARY KEY, seen REAL NOT NULL)",
    ),
)
"""MIGRATIONS[n] leads from PRAGMA user_version n to n + 1. Only ever appended to."""

TABLES = {"lessons", "blocks", "runs", "said"}
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
UNUSABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


class DamagedError(Exception):
    """The file opens, but is not what this seqtui wrote."""


class NewerError(Exception):
    """The file was written by a newer seqtui."""


def opened(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to a file with today's tables, made and migrated where it must be.

    Raises sqlite3.Error, OSError, DamagedError, NewerError.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = _connection(str(path), busy_seconds)
    try:
        _write_ahead(connection, busy_seconds)
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, all or nothing, whoever else is opening the file."""
    if _version(connection) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for version in range(_version(connection), len(MIGRATIONS)):
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise DamagedError(str(error)) from None
            raise
    if _version(connection) > len(MIGRATIONS):
        raise NewerError
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    missing = TABLES - {name for (name,) in rows}
    if missing:
        raise DamagedError(f"no table {', '.join(sorted(missing))}")


def set_aside(path: Path, busy_seconds: float) -> Path | None:
    """Give a damaged file another name, and return that.

    None if another process has put a sound one in its place by now. Raises OSError, NewerError.
    """
    seen = path.stat().st_ino
    with (
        contextlib.suppress(sqlite3.Error, DamagedError),
        contextlib.closing(opened(path, busy_seconds)) as found,
    ):
        if found.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
            return None
    if path.stat().st_ino != seen:
        return None
    aside = _free_name(path)
    # The file itself last: a new one must never meet the write-ahead log of the old.
    with contextlib.suppress(FileNotFoundError):
        os.replace(f"{path}-wal", f"{aside}-wal")
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{path}-shm")
    os.replace(path, aside)
    return aside


def in_memory(path: Path, old: sqlite3.Connection | None) -> sqlite3.Connection:
    """A database in memory, holding what can still be read of the file."""
    memory = _connection(":memory:", 0.0)
    try:
        if old is None:
            # immutable: without a lock and a -shm file, which a read-only folder refuses.
            old = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(old):
            old.backup(memory)
        migrate(memory)
    except (sqlite3.Error, DamagedError, NewerError):
        memory.close()
        memory = _connection(":memory:", 0.0)
        migrate(memory)
    return memory


def is_damage(error: Exception) -> bool:
    """Whether the file itself is at fault."""
    return isinstance(error, DamagedError) or _code(error) in DAMAGE


def is_unusable(error: Exception) -> bool:
    """Whether the file cannot be read or written as things are."""
    return _code(error) in UNUSABLE


def reason(error: Exception) -> str:
    """Why there is no file to write to, for the learner."""
    if isinstance(error, NewerError):
        return "it was written by a newer seqtui"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if _code(error) == sqlite3.SQLITE_BUSY:
        return "another program holds it"
    return str(error)


def _code(error: Exception) -> int:
    """SQLite's primary result code; the upper bytes say more than is needed."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _connection(name: str, busy_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=busy_seconds, isolation_level=None, check_same_thread=False)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to WAL. SQLite does not wait for another opener here, whatever the timeout: so we do."""
    until = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.01)


def _free_name(path: Path) -> Path:
    """A name beside the file that is not taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for count in range(1, 1000):
        suffix = "" if count == 1 else f"-{count}"
        aside = path.with_name(f"{path.name}.damaged-{stamp}{suffix}")
        if not aside.exists():
            return aside
    raise FileExistsError(f"{path.name}.damaged-{stamp}")
