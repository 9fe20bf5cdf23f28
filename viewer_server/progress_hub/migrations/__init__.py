"""Alembic migrations of the store, run in the hub's own process when it starts."""
