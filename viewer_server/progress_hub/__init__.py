"""The hub of `progress`: takes runs in, keeps them, and shows them to whoever has a link."""
