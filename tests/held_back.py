"""Logs of a generated set that are held back, to be committed one by one."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class Source:
    """The incident database of a copy of a generated set, some of whose logs have not been committed yet."""

    def __init__(self, path: Path, waiting: list[str]) -> None:
        self._connection = sqlite3.connect(path)
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'log*'")
        self._tables = [name for (name,) in names if name not in ("log_change",)]
        self._rows = {ref: self.take(ref) for ref in waiting}

    def take(self, ref: str) -> dict[str, list[tuple[object, ...]]]:
        """Take a log away; return its rows."""
        key = ref.split(":")[1].split("/")
        rows = {}
        for table in self._tables:
            rows[table] = self._connection.execute(
                f"SELECT * FROM {table} WHERE LOG_NO = ? AND LOG_DATE = ?", key
            ).fetchall()
            self._connection.execute(f"DELETE FROM {table} WHERE LOG_NO = ? AND LOG_DATE = ?", key)
        self._count(-1)
        return rows

    def commit(self, ref: str) -> None:
        """Commit a log that waited."""
        for table, rows in self._rows.pop(ref).items():
            for row in rows:
                self._connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        self._count(1)

    def run(self, statement: str, ref: str) -> None:
        """Change a log."""
        self._connection.execute(f"{statement} WHERE LOG_NO = ? AND LOG_DATE = ?", ref.split(":")[1].split("/"))
        self._connection.commit()

    def _count(self, more: int) -> None:
        self._connection.execute("UPDATE extract_info SET LOGS = LOGS + ?", [more])
        self._connection.commit()
