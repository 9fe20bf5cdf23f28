"""Secrets in what a run shows of its job: what is one, and what stands in its place."""

SHORTEST = 8
"""Characters of the shortest secret that is taken for one unasked: too much else would look the same."""
