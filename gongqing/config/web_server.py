"""Granian with the web application loaded before its processes part.

They share what stands still in memory: the code, the pages' addresses, the weights of the reader. Called as `granian`
is, for `gongqing.config.wsgi:application` alone. Nothing here opens a connection or starts a thread before the parting.
"""

from granian.cli import entrypoint

import gongqing.config.wsgi  # noqa: F401

if __name__ == "__main__":
    entrypoint()  # type: ignore[no-untyped-call]
