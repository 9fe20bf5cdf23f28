"""Delivers a run directory to the hub; a process of its own, that may die and be started again at any time."""
