"""The store's schema, made and brought up to date by Alembic from the scripts in migrations/."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

NEWEST = "0006"
"""The last of migrations/versions/; a test holds them equal."""


class NewerSchema(Exception):
    """The database was written by a hub newer than this one."""


def migrate(connection: Connection) -> None:
    """Bring the database to `NEWEST`, from whatever it is at; raises `NewerSchema`."""
    if _revision(connection) != NEWEST:
        _upgrade(connection)
    connection.commit()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _upgrade(connection: Connection) -> None:
    # Imported where it is needed, once for most databases: it costs a fifth of a hub's start and 10 MB of its memory.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "progress_hub:migrations")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerSchema from error
