"""The foreground of `progress run`: owns the PTY and the run directory, knows no network."""
