"""Named numbers in lines: `loss: 0.3123`, `val_acc=0.91`, `[12] train-rmse:0.12`, `Iteration 3, loss = 0.69`.

Only names that programs give their measures, and only numbers with a point or an exponent: `error: 404` is no metric.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from progress_run.lazy import Pattern

METRICS_PER_LINE = 16
NAME_CHARS = 80

_WORDS = (
    "loss|acc|accuracy|auc|auroc|rmse|mae|mse|mape|rmsle|msle|r2|lr|learning_rate|perplexity|ppl|f1|f1_score|f1-score|"
    "precision|recall|logloss|binary_logloss|multi_logloss|error|merror|reward|grad_norm|iou|miou|dice|bleu|rouge|wer|"
    "cer|map|ndcg|psnr|ssim|fid|kl|entropy|inertia|score|l1|l2"
)
_OF = "train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uation)?|dev|total|mean|average|avg|best|running|final"
"""Words that may stand before a measure: any other word there is of the sentence, not of the name."""
_METRIC = Pattern(
    r"(?<![\w./%-])(?P<quote>['\"]?)"
    rf"(?P<name>(?:(?:[A-Za-z]\w{{0,30}}(?:'s[ ]|[-/_])|(?i:{_OF})[ ])(?=[^\s:=]{{0,40}}['\"]?\s?[:=]))?"
    rf"(?:\w{{1,40}}[_-])?(?i:{_WORDS})(?:[_@-]\w{{1,20}})?)"
    r"(?P=quote)\s?[:=]\s?(?P<value>[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE][+-]\d))(?:[eE][+-]?\d+)?)(?![\w%./:])"
)
_NUMBER = Pattern(r"(?:[A-Za-z_'\"]|[fFrRlL@]\d\d?|_\d)\s?[:=] ?['\"]?[-+]?\d*(?:\.\d|\de[-+])")
_STEP = Pattern(
    r"(?i)(?:^\[(?P<head>\d{1,15})\]\s"
    r"|['\"]?\b(?:global_step|step|iteration|iter|epoch)['\"]?\s?[:=#]?\s?[\[(]?(?P<step>\d{1,15}(?:\.\d{1,15})?))"
)


class Metric(NamedTuple):
    """A named number, at a step where the line tells it."""

    name: str
    value: float
    step: float | None


def read(text: str) -> list[Metric]:
    """The metrics of a line, in order."""
    if not _NUMBER.search(text):
        return []
    step = _step(text)
    found = [
        Metric(match["name"].replace("'s ", " ").strip()[:NAME_CHARS], float(match["value"]), step)
        for match in _METRIC.finditer(text)
    ]
    return [metric for metric in found[:METRICS_PER_LINE] if math.isfinite(metric.value)]


def _step(text: str) -> float | None:
    match = _STEP.search(text)
    if match is None:
        return None
    value = float(match["head"] or match["step"])
    return int(value) if value == int(value) else value
