"""Clients are sent on only from a process that has more to do than another that lives."""

import multiprocessing
import os

import pytest

from gongqing.config.balancing import UnderWay, balanced

FORK = multiprocessing.get_context("fork")


class Process:
    """One process of the server, told what to begin and to end."""

    def __init__(self, under_way):
        self.near, far = FORK.Pipe()
        self.process = FORK.Process(target=self._work, args=(under_way, far), daemon=True)
        self.process.start()
        assert self.near.recv() == "ready"

    def tell(self, *names):
        for name in names:
            self.near.send(name)
        return [self.near.recv() for _ in names][-1]

    def kill(self):
        self.process.kill()
        self.process.join()

    @staticmethod
    def _work(under_way, pipe):
        pipe.send("ready")
        while True:
            name = pipe.recv()
            asked = {"serve": answer, "part": crowded_beneath}.get(name)
            pipe.send(asked(under_way) if asked else getattr(under_way, name)())


def answer(under_way, protocol="HTTP/1.1"):
    """The headers of one answer."""
    told = []

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    balanced(application, under_way)({"SERVER_PROTOCOL": protocol}, lambda status, headers: told.extend(headers))
    return told


def crowded_beneath(under_way):
    """Does what this process starts believe itself crowded?"""
    child = os.fork()
    if not child:
        under_way.begin()
        under_way.begin()
        os._exit(under_way.is_crowded())
    return bool(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.fixture
def pair():
    under_way = UnderWay()
    both = [Process(under_way), Process(under_way)]
    yield under_way, both
    for one in both:
        one.kill()


def test_two_more_than_another_is_crowded(pair):
    _, (one, other) = pair
    assert not one.tell("begin", "is_crowded")
    assert one.tell("begin", "is_crowded")
    assert not other.tell("is_crowded")
    assert not other.tell("begin", "is_crowded")
    assert not one.tell("is_crowded")
    assert not one.tell("end", "is_crowded")


def test_only_the_crowded_process_sends_its_client_on(pair):
    _, (one, other) = pair
    one.tell("begin")
    assert ("Connection", "close") in one.tell("serve")
    assert other.tell("serve") == [("Content-Type", "text/plain")]
    assert not one.tell("is_crowded"), "the answer that was counted has ended"


def test_who_is_gone_is_not_waited_for_and_leaves_its_place(pair):
    under_way, (one, other) = pair
    other.tell("begin", "begin", "begin")
    one.tell("begin", "begin")
    other.kill()
    assert not one.tell("is_crowded")
    third = Process(under_way)
    assert not third.tell("is_crowded"), "what the dead had under way is not its own"
    assert one.tell("is_crowded")
    third.kill()


def test_alone_nobody_is_sent_on():
    under_way = UnderWay()
    under_way.begin()
    under_way.begin()
    assert not under_way.is_crowded()
    assert answer(under_way) == [("Content-Type", "text/plain")]


def test_a_process_that_a_web_process_starts_takes_no_place(pair):
    _, (one, _) = pair
    one.tell("begin", "begin")
    assert one.tell("is_crowded")
    assert not one.tell("part")
    assert one.tell("is_crowded")


def test_newer_protocols_have_no_such_header(monkeypatch):
    under_way = UnderWay()
    monkeypatch.setattr(under_way, "is_crowded", lambda: True)
    assert ("Connection", "close") not in answer(under_way, "HTTP/2.0")
    assert ("Connection", "close") in answer(under_way)
