"""What do many texts say, read by a process beside this one while this one does something else?

The linear models and the facts of a text are pure reckoning: whoever takes in thousands of texts in a row lets a second
process read those whose turn comes next, from the first on, and reads what is missing from the last on, so that neither
waits for the other. An answer is kept for exactly the text, title and day that were asked, so that it makes no
difference who has read them. Texts and answers go through pipes and are written nowhere. The process ends with its
work, with its parent, and by itself after half a minute without a question.
"""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Event, Lock, Thread
from time import monotonic

from gongqing.language.adjusting import Adjustment
from gongqing.language.classify import Reading, classify
from gongqing.language.facts import Facts, read_facts

Said = tuple[str, str, date | None]
"""A text, its title and the day on which it was said."""
Answer = tuple[Reading, Facts]

BATCH = 8
"""How many texts the process gets at a time."""
PATIENCE = 0.03
"""How long, in seconds, the last of them are waited for before they are read here."""
SECONDS = 30.0
"""A process that is at one list for longer is stopped."""
IDLE = 30.0
BREAKS = 3
"""After so many the process is not started again until `end`."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def read(said: Said, learnt: Adjustment | None) -> Answer:
    """What a text says, read here."""
    text, title, on = said
    return classify(text, title, learnt=learnt), read_facts(text, said_on=on)


@dataclass(slots=True)
class _Errand:
    """A list of texts: those before `given` are with the process, those from `until` on are read here."""

    said: tuple[Said, ...]
    learnt: Adjustment | None
    until: int
    given: int = 0
    answers: list[Answer] = field(default_factory=list)
    is_broken: bool = False
    since: float = field(default_factory=monotonic)
    lock: Lock = field(default_factory=Lock)
    done: Event = field(default_factory=Event)

    def next_batch(self) -> tuple[Said, ...]:
        with self.lock:
            start, self.given = self.given, max(self.given, min(self.given + BATCH, self.until))
            return self.said[start : self.given]

    def takes_back(self, place: int) -> bool:
        """Whether a text is to be read here: it is not with the process, and will not go there any more."""
        with self.lock:
            if place < self.given:
                return False
            self.until = min(self.until, place)
            return True


class Beside:
    """At most one process that reads, with at most one list of texts in hand. Not for several threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errand: _Errand | None = None
        self._taught: Adjustment | None = None
        self._breaks = 0

    @property
    def pid(self) -> int | None:
        """Of the process that reads; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def begin(self, said: Sequence[Said], learnt: Adjustment | None) -> None:
        """Let these be read, unless the process is still at others; returns at once."""
        self._look_after()
        if not said or self._errand is not None or self._breaks >= BREAKS:
            return
        if self.pid is None:
            self._start()
        if self._process is not None:
            is_new, self._taught = learnt is not self._taught, learnt
            self._errand = _Errand(tuple(said), learnt, until=len(said))
            Thread(target=_run, args=(self._process, self._errand, is_new), daemon=True).start()

    def read(self, said: Sequence[Said], learnt: Adjustment | None) -> dict[Said, Answer]:
        """What these say: what was begun is taken from the process, the rest is read here."""
        errand = self._errand
        ahead = errand.said if errand is not None and errand.learnt is learnt else ()
        places = {one: place for place, one in enumerate(ahead)}
        answers: dict[Said, Answer] = {}
        for one in reversed(said):
            if one not in answers and (errand is None or one not in places or errand.takes_back(places[one])):
                answers[one] = read(one, learnt)
        if errand is not None:
            with errand.lock:
                errand.until = 0
            if errand.answers:  # it is not just starting
                errand.done.wait(PATIENCE)
            answers |= dict(zip(errand.said, list(errand.answers), strict=False)) if ahead else {}
        return {one: answers.get(one) or read(one, learnt) for one in said}

    def end(self) -> None:
        """End the process; the next `begin` starts another."""
        self._stop()
        self._breaks = 0

    def _look_after(self) -> None:
        """Free a process that is done with its list, stop one that broke or hangs."""
        errand = self._errand
        if errand is None:
            return
        if errand.is_broken or (not errand.done.is_set() and monotonic() - errand.since > SECONDS):
            self._stop()
            self._breaks += 1
        elif errand.done.is_set():
            self._errand = None

    def _start(self) -> None:
        self._stop()
        try:
            self._process = subprocess.Popen(
                ["nice", "-n", "5", sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
            )
        except OSError:
            self._breaks += 1

    def _stop(self) -> None:
        process, self._process = self._process, None
        errand, self._errand, self._taught = self._errand, None, None
        if process is None:
            return
        process.kill()
        process.wait()
        if errand is not None:
            errand.done.wait()  # its pipes are at their end
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _run(process: subprocess.Popen[bytes], errand: _Errand, is_new: bool) -> None:
    """Give the process its texts and keep its answers, as far as they come."""
    try:
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        while batch := errand.next_batch():
            learnt = (errand.learnt,) if is_new else ()
            is_new = False
            process.stdin.write(pickle.dumps((learnt, batch), pickle.HIGHEST_PROTOCOL))
            process.stdin.flush()
            answers = pickle.load(process.stdout)  # noqa: S301  # from a process of our own
            if len(answers) != len(batch):
                raise BrokenPipeError
            errand.answers += answers
    except Exception:  # a pipe that broke, half an answer: the texts are read where they are needed
        errand.is_broken = True
    finally:
        errand.done.set()


def main() -> None:
    """Read lists of texts from standard input and write what they say to standard output, until there are no more."""
    learnt: Adjustment | None = None
    while select.select([sys.stdin], [], [], IDLE)[0]:
        try:
            changed, said = pickle.load(sys.stdin.buffer)  # noqa: S301  # from a process of our own
        except EOFError:
            return
        learnt = changed[0] if changed else learnt
        answers = [_plain(read(one, learnt)) for one in said]
        pickle.dump(answers, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


def _plain(answer: Answer) -> Answer:
    """An answer that can be sent: its mapping is a plain one."""
    reading, facts = answer
    return reading, replace(facts, evidence=dict(facts.evidence))


if __name__ == "__main__":
    main()
