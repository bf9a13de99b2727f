"""`gongqing up`: everything in the foreground, until Ctrl-C. `gongqing web` and `gongqing jobs`: one part alone.

`up` starts the database, migrates, and runs web server, job worker and, on a first start, demo data. The parts need a
database that is named by `DATABASE_URL` and migrated already.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from gongqing.config.embedded import NOT_AT_ALL, ensure_database
from gongqing.config.obstacles import home_refused, not_reached, why_not_started
from gongqing.config.serving import (
    add_web_options,
    finishing_first,
    job_parts,
    prepare_home,
    prepare_web,
    self_command,
    supervise,
    wait_for_ports,
    web_parts,
)
from gongqing.lib.errors import BadInput

NO_DATABASE = "分开运行时要用 DATABASE_URL 指明数据库；内置数据库只供 gongqing up 使用。"


def main(arguments: list[str]) -> int:
    """Run the platform in the foreground.

    Returns:
        0 after a clean stop, 1 when home or database could not be prepared, 2 when certificate, settings or the
        reader's weights do not fit.
    """
    parser = argparse.ArgumentParser(prog="gongqing up", description="启动平台")
    add_web_options(parser)
    parser.add_argument("--demo", choices=["small", "none"], default="none")
    options = parser.parse_args(arguments)
    os.environ["GONGQING_DEMO"] = options.demo
    try:
        home = prepare_home()
        (home / "run").mkdir(exist_ok=True)
    except OSError as raised:
        return _refused(home_refused(Path(os.environ.get("GONGQING_HOME", "var")).resolve(), raised), 1)
    try:
        _check_weights()
        wait_for_ports(options)
        prepare_web(options, home)
    except BadInput as refused:
        return _refused(refused.message)
    server = None
    try:
        is_own, is_new = not os.environ.get("DATABASE_URL"), not (home / "pg").exists()
        if is_own:
            _tell("正在建数据库，第一次约 10 秒" if is_new else "正在启动数据库")
        if not is_own and (unreached := not_reached(os.environ)):
            return _refused(unreached, 1)
        try:
            with finishing_first():  # a database that is being made would be left running
                server, held = ensure_database(home, os.environ), _held(home)
                if server is not None and held is not None:
                    server.started_here = True  # also when it outlived a killed forerunner of this process
        except NOT_AT_ALL as raised:
            return _refused(why_not_started(home / "pg", raised), 1)
        _tell("正在建表，第一次约一分钟" if is_own and is_new else "正在核对数据库的表，刚升级过会久一些")
        migrated = subprocess.run([*self_command(), "migrate", "--verbosity", "0"], env=_unpooled(), check=False)
        if migrated.returncode:
            print("数据库升级没有成功，平台没有启动。", file=sys.stderr)
            return 1
        if options.demo == "none":
            # a city without shipped divisions says here what to run; everything else works meanwhile
            subprocess.run([*self_command(), "setup", "--if-empty"], env=_unpooled(), check=False)
        supervisor = supervise({**web_parts(options), **job_parts()}, server)
        print(f"工情正在启动：{os.environ['GONGQING_SITE_URL']}/ （按 Ctrl-C 停止）", flush=True)
        if options.demo != "none":
            threading.Thread(target=_load_demo, args=(options.demo,), daemon=True).start()
        supervisor.run()
    finally:
        if server is not None:
            server.stop()
    return 0


def web(arguments: list[str]) -> int:
    """Serve pages alone, for one of several machines.

    Returns:
        0 after a clean stop, 2 when certificate, settings or the reader's weights do not fit.
    """
    parser = argparse.ArgumentParser(prog="gongqing web", description="只运行网页服务")
    add_web_options(parser)
    options = parser.parse_args(arguments)
    if not os.environ.get("DATABASE_URL"):
        return _refused(NO_DATABASE)
    try:
        _check_weights()
        wait_for_ports(options)
        prepare_web(options, prepare_home())
    except BadInput as refused:
        return _refused(refused.message)
    supervisor = supervise(web_parts(options))
    print(f"网页服务正在启动：{os.environ['GONGQING_SITE_URL']}/ （按 Ctrl-C 停止）", flush=True)
    supervisor.run()
    return 0


def jobs(arguments: list[str]) -> int:
    """Work through the queue alone, for one of several machines.

    Returns:
        0 after a clean stop, 2 without a named database or with weights of the reader that are damaged.
    """
    parser = argparse.ArgumentParser(prog="gongqing jobs", description="只运行任务进程")
    parser.add_argument("--concurrency", type=int, default=2, help="同时办几件")
    options = parser.parse_args(arguments)
    if not os.environ.get("DATABASE_URL"):
        return _refused(NO_DATABASE)
    try:
        _check_weights()
    except BadInput as refused:
        return _refused(refused.message)
    prepare_home()
    supervisor = supervise(job_parts(options.concurrency))
    print("任务进程正在启动（按 Ctrl-C 停止）", flush=True)
    supervisor.run()
    return 0


def _held(home: Path) -> IO[str] | None:
    """The lock of whoever runs the platform on this home; None while somebody else holds it."""
    (home / "run").mkdir(exist_ok=True)
    file = (home / "run" / "up.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _refused(message: str, code: int = 2) -> int:
    print(message, file=sys.stderr)
    return code


def _check_weights() -> None:
    """Look at the reader's weights in another process: this one stays for as long as the platform runs, and small.

    Raises:
        BadInput: they are not whole.
    """
    looked = subprocess.run([sys.executable, "-m", "gongqing.language.shipped"], stderr=subprocess.PIPE, check=False)
    if looked.returncode:
        raise BadInput("weights", looked.stderr.decode(errors="replace").strip())


def _unpooled() -> dict[str, str]:
    return {**os.environ, "GONGQING_POOL": "0"}


def _tell(step: str) -> None:
    """What is being done now, for whoever waits at the terminal."""
    print(f"{step}……", flush=True)


def _load_demo(size: str) -> None:
    loaded = subprocess.run([*self_command(), "demo", size], env=_unpooled(), check=False)
    if loaded.returncode:
        print("演示数据没有装好，见上面的说明。", file=sys.stderr, flush=True)
