"""Fit how sure a reading of people, money, months and employers is, on half A of the labels alone.

Prints the weights and, by five-fold cross-validation within half A, precision and recall at every limit:
`python bench/fit_facts.py --data DIR`. The chosen ones stand in `gongqing/language/facts/sureness.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from facts import NUMBERS, half_of, is_same_name, number_of
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from gongqing.language.facts import read_facts
from gongqing.language.facts.spans import narrow
from gongqing.language.facts.sureness import AROUND
from gongqing.language.material import Message, real_messages

STRENGTH = 1.0
LIMITS = (0.0, 0.4, 0.45, 0.49, 0.5, 0.55, 0.6, 0.65, 0.7)


def main() -> None:
    """Fit the four fields, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    messages = [each for each in real_messages(parser.parse_args().data) if each.labour and half_of(each.text) == "A"]
    for field in AROUND:
        _fit(field, messages)


def _fit(field: str, messages: list[Message]) -> None:
    signs, right, labelled = [], [], 0
    for message in messages:
        wanted: Any = message.employer if field == "employer" else number_of(getattr(message, NUMBERS[field]))
        if wanted is None and field == "employer":
            continue
        labelled += bool(wanted)
        facts = read_facts(message.words)
        got = getattr(facts, field)
        if got is None:
            continue
        said = facts.spans(field)[0]
        value = len(got) if field == "employer" else got
        signs.append(AROUND[field](narrow(message.words), value, said))
        right.append(is_same_name(wanted, got) if field == "employer" else wanted == got)
    names = list(signs[0])
    table = np.array([[float(row[name]) for name in names] for row in signs])
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    folds = StratifiedKFold(5, shuffle=True, random_state=7)
    chances = cross_val_predict(model, table, right, cv=folds, method="predict_proba")[:, 1]
    model.fit(table, right)
    print(f"{field}: {len(right)} read, {sum(right)} right, {labelled} labelled")
    for limit in LIMITS:
        shown = chances >= limit
        good = int(np.array(right)[shown].sum())
        precision, recall = good / max(shown.sum(), 1), good / labelled
        print(f"  {limit:.2f}: shown {shown.sum()}, precision {precision:.2f}, recall {recall:.2f}")
    weights = {"base": model.intercept_[0], **dict(zip(names, model.coef_[0], strict=True))}
    print("  ", {name: round(float(weight), 2) for name, weight in weights.items()})


if __name__ == "__main__":
    main()
