"""What do texts mean, asked of the encoder in a process of its own that ends with its answer?

The encoder takes some hundred megabytes while it is loaded. Whoever reads carefully now and then, beside other work,
asks here: the memory goes back with the process. The texts go to it through a pipe and are written nowhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from gongqing.language.encoder import WIDTH, Floats, embed

SECONDS = 120.0
"""What one call may take: a second or two to begin, and some ten milliseconds a text on an idle processor."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Broken(Exception):
    """The other process gave no answer; the text says why, without a word of what it was asked."""


def meanings_of(messages: Sequence[tuple[str, str]], *, seconds: float = SECONDS) -> Floats:
    """The numbers of the encoder for each text and title, shape (messages, 1024), the same as `encoder.embed` gives.

    Raises:
        Broken: it ended without an answer, or took longer than `seconds` and was stopped.
    """
    if not messages:
        return np.empty((0, WIDTH), np.float32)
    asked = json.dumps(list(messages)).encode()  # ASCII: half a character stays half a character
    try:
        answer = subprocess.run(
            ["nice", "-n", "5", sys.executable, "-m", __name__],
            input=asked,
            capture_output=True,
            env={**os.environ, **_ONE_THREAD},
            timeout=seconds,
            check=True,
        )
        found: Floats = np.frombuffer(answer.stdout, np.float32).reshape(len(messages), WIDTH)
    except subprocess.TimeoutExpired:
        raise Broken(f"the encoder took longer than {seconds:g} seconds") from None
    except subprocess.CalledProcessError as fault:
        raise Broken(f"the encoder ended with {fault.returncode}") from None
    except (OSError, ValueError) as fault:
        raise Broken(f"the encoder could not be asked: {type(fault).__name__}") from None
    if not np.isfinite(found).all():
        raise Broken("the encoder answered with what is no number")
    return found


def main() -> None:
    """Read texts and titles as JSON from standard input, write their numbers to standard output."""
    messages = json.load(sys.stdin.buffer)
    for text, title in messages:
        sys.stdout.buffer.write(embed(text, title).tobytes())


if __name__ == "__main__":
    main()
