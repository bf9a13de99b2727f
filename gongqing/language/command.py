"""What can be done with language from the command line, without a database?

`gongqing classify IN.csv OUT.csv` reads appeals from a table and writes what the models and rules make of each;
`gongqing language fit --data DIR` and `fit-danger --data DIR` make the shipped weights anew.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from gongqing.language.facts import Facts, read_facts
from gongqing.lib.encodings import looks_like_big5
from gongqing.lib.errors import BadInput

DONE, FAULT, BAD_INPUT = 0, 1, 2
COLUMNS_IN = ("id", "title", "text")
COLUMNS_OUT = ("id", "labour", "code", "confidence", "code2", "grade", "workers", "amount", "employer")
LONGEST_FIELD = 10_000_000
UTF8_FOR_SURE = 3
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xlsx and an .xls begin."""
SAVE_AS_CSV = (
    "请用 Excel 或 WPS 打开，点“文件”—“另存为”，类型选“CSV UTF-8（逗号分隔）”或“CSV（逗号分隔）”，"
    "再用存好的 .csv 文件运行；CSV 只存当前打开的那一张工作表"
)
READER_COMMANDS = {
    "train": "用更正训练一版，比现在的好才启用",
    "versions": "列出版本、比较结果和现在用的是哪一个",
    "run": "启用一个以前的版本",
    "rollback": "退回上一个版本",
}
"""Of `gongqing language` too, but they need the database: named here for the help alone."""
MANY = 400
"""From this many rows on, every processor reads."""

Grader = Callable[[Facts, str, bool], str]
"""Facts, category code and labour relevance in; `green`, `yellow`, `orange` or `red` out."""


def main(arguments: list[str]) -> int:
    """`gongqing language …`; returns 0 done, 2 bad input, 1 fault."""
    parser = argparse.ArgumentParser(prog="gongqing language", description="诉求文本模型")
    commands = parser.add_subparsers(dest="command", required=True)
    fitting = commands.add_parser("fit", help="重新训练分类权重")
    fitting.add_argument("--data", type=Path, required=True, help="训练数据目录")
    fitting.add_argument("--labels", type=Path, help="另外标注的表所在目录")
    fitting.add_argument("--out", type=Path, default=Path(__file__).parent / "weights", help="权重写到哪里")
    fitting.set_defaults(work=_fit)
    hearing = commands.add_parser("fit-danger", help="重新训练危险言语权重")
    hearing.add_argument("--data", type=Path, required=True, help="训练数据目录")
    hearing.add_argument("--labels", type=Path, help="另外标注的表所在目录")
    hearing.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "weights" / "danger.txt", help="写到哪个文件"
    )
    hearing.set_defaults(work=_fit_danger)
    for name, words in READER_COMMANDS.items():
        commands.add_parser(name, help=words)
    return _safely(lambda chosen: chosen.work(chosen), parser, arguments)


def classify_file(arguments: list[str], *, grade: Grader | None = None) -> int:
    """`gongqing classify IN.csv OUT.csv`: one row out for each row in, in order.

    Reads `id,title,text` (in any order and case, other columns are passed over) in UTF-8 (with or without BOM) or
    GB18030; writes UTF-8 without BOM. The column `grade` is
    the category's own grade unless a grader is given. The encoder joins where n-grams are unsure, unless `--quick`;
    long tables are read by every processor. Bad input leaves no output file and names row and column on standard error
    in Chinese.

    Returns:
        0 done, 2 bad input, 1 fault.
    """
    parser = argparse.ArgumentParser(prog="gongqing classify", description="给一批诉求分类定级")
    parser.add_argument("source", type=Path, metavar="IN.csv", help="输入表：id,title,text")
    parser.add_argument("target", type=Path, metavar="OUT.csv", help="输出表")
    parser.add_argument("--quick", action="store_true", help="只用词频模型，不用语义编码（更快，略不准）")
    return _safely(lambda chosen: _classify(chosen.source, chosen.target, grade, chosen.quick), parser, arguments)


def _safely(work: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        work(chosen)
    except BadInput as error:
        sys.stderr.write(f"输入有误：{error.message}\n")
        return BAD_INPUT
    except Exception as error:
        sys.stderr.write(f"运行出错：{type(error).__name__} {error}\n")
        return FAULT
    return DONE


def _fit(chosen: argparse.Namespace) -> None:
    from gongqing.language.fit_weights import fit_weights  # scikit-learn is slow to load and only needed here

    card = fit_weights(chosen.data, chosen.out, **({"labels": chosen.labels} if chosen.labels else {}))
    sys.stdout.write(f"已写入 {chosen.out}，版本 {card['version']}\n")


def _fit_danger(chosen: argparse.Namespace) -> None:
    from gongqing.language.fit_danger import fit_danger

    found = fit_danger(chosen.data, chosen.out, **({"labels": chosen.labels} if chosen.labels else {}))
    sys.stdout.write(f"已写入 {chosen.out}，未学过的真实来信中误判 {found['taken_for_danger']:.2%}\n")


def _classify(source: Path, target: Path, grade: Grader | None, quick: bool) -> None:
    from gongqing.language.shipped import check_weights

    rows = read_appeals(source)
    if not target.parent.is_dir():
        raise BadInput("OUT.csv", f"输出目录不存在：{target.parent}")
    if target.is_dir():
        raise BadInput("OUT.csv", f"输出的是一个目录，请写明文件名：{target}")
    if target.exists() and target.samefile(source):
        raise BadInput("OUT.csv", "输出与输入是同一个文件，原来的诉求会被覆盖；请换一个文件名")
    check_weights()
    read = partial(_read, grade=grade, careful=not quick)
    processors = len(os.sched_getaffinity(0))
    if len(rows) < MANY or processors < 2:
        write_table(target, map(read, rows))
        return
    with get_context("fork").Pool(processors, _keep, (read,)) as pool:
        write_table(target, pool.imap(_read_kept, rows, chunksize=32))


_kept: list[Callable[[dict[str, str]], dict[str, object]]] = []


def _keep(read: Callable[[dict[str, str]], dict[str, object]]) -> None:
    _kept[:] = [read]


def _read_kept(row: dict[str, str]) -> dict[str, object]:
    return _kept[0](row)


def read_appeals(source: Path) -> list[dict[str, str]]:
    """The rows of a table with at least `id,title,text`; `BadInput` names the row (the header is row 1) and column."""
    table = csv.DictReader(io.StringIO(_decoded(source), newline=""), strict=True)
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        table.fieldnames = header = [name.strip().lower() for name in table.fieldnames or []]
        missing = [name for name in COLUMNS_IN if name not in header]
        if missing:
            raise BadInput("header", f"第 1 行缺少列：{'、'.join(missing)}（需要 {','.join(COLUMNS_IN)}，以逗号分隔）")
        twice = [name for name in COLUMNS_IN if header.count(name) > 1]
        if twice:
            raise BadInput("header", f"第 1 行有两个同名的列：{'、'.join(twice)}")
        return _checked(table)
    except csv.Error as error:
        raise BadInput("row", f"第 {table.line_num + 1} 行起不是合格的 CSV（引号没有成对？）：{error}") from error
    finally:
        csv.field_size_limit(before)


def _checked(table: csv.DictReader[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(table, start=2):
        if None in row or any(row[name] is None for name in COLUMNS_IN):
            raise BadInput("row", f"第 {number} 行的列数与表头不符")
        identity = row["id"].strip()
        if not identity:
            raise BadInput("id", f"第 {number} 行 id 列为空")
        if identity in seen:
            raise BadInput("id", f"第 {number} 行 id 列与第 {seen[identity]} 行重复：{identity[:40]}")
        seen[identity] = number
        found.append(row)
    return found


def _decoded(source: Path) -> str:
    content = _content(source)
    if content.startswith(OLE) or (content.startswith(ZIP) and b"xl/workbook" in content):
        raise BadInput("IN.csv", f"{source.name} 是 Excel 文件，这里只读 CSV。{SAVE_AS_CSV}")
    if b"\x00" in content:
        raise BadInput("IN.csv", f"{source.name} 不是文本表格（含有空字节），请另存为 CSV 后再试")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030":
            _check_one_encoding(content)
            if looks_like_big5(content):
                break
        return words
    raise BadInput(
        "编码", f"编码：{source.name} 既不是 UTF-8 也不是 GB18030（繁体的 Big5 不能读），请另存为 UTF-8 后再试"
    )


def _content(source: Path) -> bytes:
    if not source.exists():
        raise BadInput("IN.csv", f"没有这个输入文件：{source}；请核对文件名和所在目录")
    if source.is_dir():
        raise BadInput("IN.csv", f"输入的是一个目录，请写明文件名：{source}")
    try:
        return source.read_bytes()
    except OSError as error:
        raise BadInput("IN.csv", f"读不了输入文件：{source}；请看当前用户有没有权限读它") from error


def _check_one_encoding(content: bytes) -> None:
    """Three Chinese characters of UTF-8 on a line are no chance: the table is not GB18030 throughout."""
    for number, line in enumerate(content.splitlines(), start=1):
        with suppress(UnicodeDecodeError):
            if sum(char > "\u07ff" for char in line.decode("utf-8")) >= UTF8_FOR_SURE:
                raise BadInput("IN.csv", f"第 {number} 行是 UTF-8，别的行不是：编码混在一起，请统一另存为 UTF-8 后再试")


def _read(row: dict[str, str], *, grade: Grader | None, careful: bool) -> dict[str, object]:
    from gongqing.language.classify import classify
    from gongqing.language.taxonomy import category

    reading = classify(row["text"], row["title"], careful=careful)
    facts = read_facts(f"{row['title']}\n{row['text']}")
    graded = grade(facts, reading.code, reading.labour_related) if grade else category(reading.code).grade
    return {
        "id": row["id"],
        "labour": int(reading.labour_related),
        "code": reading.code,
        "confidence": f"{reading.confidence:.4f}",
        "code2": reading.second_code or "",
        "grade": str(graded),
        "workers": "" if facts.workers is None else facts.workers,
        "amount": "" if facts.amount is None else facts.amount,
        "employer": facts.employer or "",
    }


def write_table(target: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write the table whole or not at all, UTF-8 without BOM."""
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, COLUMNS_OUT, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
