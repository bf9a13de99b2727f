"""Fit on everything, calibrate on what was held out, write the weights and their card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from gongqing.language import fit, quality
from gongqing.language.linear import save
from gongqing.lib.errors import BadInput


def fit_weights(data: Path, out: Path) -> dict[str, Any]:
    """Write `codes.*`, `labour.*` and `card.json` to a folder and return the card.

    Calibration and thresholds come from held-out real messages; the weights themselves from all messages.
    The card's figures speak of held-out messages only. `BadInput` when a table is missing or has other columns.
    """
    if out.exists() and not out.is_dir():
        raise BadInput("out", f"输出位置不是目录：{out}")
    real, invented, questions = fit.real_messages(data), fit.invented_messages(), fit.legal_questions(data)
    written = [message for message in invented if message.origin == "written"]
    phrases = [message for message in invented if message.origin == "phrase"]
    judged = fit.held_out([*real, *written], phrases, questions)
    scale, platt = fit.scale_of_codes(judged), fit.platt_of_labour(judged)
    codes = fit.calibrated(fit.train_codes([*real, *invented]), scale)
    labour = fit.calibrated(fit.train_labour([*real, *invented, *questions]), *platt)
    out.mkdir(parents=True, exist_ok=True)
    save(codes, out, "codes")
    save(labour, out, "labour")
    card = {
        "version": _version(out),
        "triage_below": quality.triage_threshold(judged, scale),
        "second_at_least": quality.second_threshold(judged, scale),
        "trained_on": {
            "real": len(real),
            "written": len(written),
            "phrases": len(phrases),
            "legal_questions": len(questions),
        },
        "ngrams": {"codes": len(codes.vocabulary), "labour": len(labour.vocabulary)},
        "held_out": {
            "real": quality.figures_of(judged, scale, platt, "real"),
            "written": quality.figures_of(judged, scale, platt, "written"),
            "second": quality.second_choices(judged, scale),
            "trade_off": quality.trade_off(judged, scale),
        },
    }
    (out / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return card


def _version(folder: Path) -> str:
    """`linear-` and eight hex digits of the weights' SHA-256: the same weights have the same name anywhere."""
    digest = hashlib.sha256()
    for name in ("codes.npz", "codes.vocabulary.txt", "labour.npz", "labour.vocabulary.txt"):
        digest.update((folder / name).read_bytes())
    return f"linear-{digest.hexdigest()[:8]}"
