"""Secrets in what a run shows of its job: what is one, and what stands in its place."""
