"""May this installation be opened to a city?

Settings that are unsafe, and the running points that must be right on the day. A grey point fails in production: what
nobody can see nobody can vouch for.
"""

from __future__ import annotations

from collections.abc import Sequence

from gongqing.config.rules import points
from gongqing.config.rules.facts import Facts, Setup
from gongqing.config.rules.points import Colour, Point

ONLY_HERE = {"localhost", "127.0.0.1", "[::1]", "::1"}
# what a trial on one's own machine need not have
FOR_PRODUCTION = ("backup", "trace", "certificate", "calendar", "roster", "second_factor", "messages")


def checklist(facts: Facts, setup: Setup, *, is_production: bool) -> list[Point]:
    """Every point that is asked; in production all of them, else what must be right anywhere."""
    running = points.running_points(facts)
    if not is_production:
        return [*[point for point in running if point.key not in FOR_PRODUCTION], keys(setup)]
    return [debug(setup), keys(setup), hosts(setup), https(setup), demo(setup), gateway(setup), *running]


def failures(found: Sequence[Point], *, is_production: bool) -> list[Point]:
    """The points that refuse: everything that is not green in production, what is red elsewhere."""
    if is_production:
        return [point for point in found if not point.is_right]
    return [point for point in found if point.colour is Colour.RED]


def debug(setup: Setup) -> Point:
    """Faults are not shown to visitors."""
    if setup.is_debug:
        said, advice = "GONGQING_DEBUG=1：出错时会把内部情况给访问者看。", "去掉 GONGQING_DEBUG。"
        return Point("debug", "调试", Colour.RED, said, advice)
    return Point("debug", "调试", Colour.GREEN, "已关。")


def keys(setup: Setup) -> Point:
    """The key files stand, are long enough, and nobody else reads them."""
    faults = [fault for fault in map(points.key_file_fault, setup.key_files) if fault]
    if faults:
        advice = "chmod 600；太短或曾经外泄的签名密钥要换掉（删除 secret.key 后重新启动，所有人重新登录）。"
        return Point("keys", "密钥文件", Colour.RED, "；".join(faults) + "。", advice)
    return Point("keys", "密钥文件", Colour.GREEN, "在，且只有平台能读。")


def hosts(setup: Setup) -> Point:
    """It answers under its own names alone."""
    advice = "GONGQING_ALLOWED_HOSTS=平台的域名"
    if "*" in setup.allowed_hosts:
        return Point("hosts", "域名", Colour.RED, "任何域名都接受，链接可以被伪造。", advice)
    if not set(setup.allowed_hosts) - ONLY_HERE:
        return Point("hosts", "域名", Colour.RED, "只接受本机访问。", advice)
    return Point("hosts", "域名", Colour.GREEN, "、".join(sorted(set(setup.allowed_hosts) - ONLY_HERE)) + "。")


def https(setup: Setup) -> Point:
    """People reach it over HTTPS, and links in short messages lead there."""
    if not setup.is_secure:
        said = "没有开 HTTPS：密码和个人信息会以明文经过网络。"
        return Point("https", "HTTPS", Colour.RED, said, "gongqing up --cert … --key …，或放在代理后面，见证书说明。")
    if not setup.site_url.startswith("https://"):
        said = f"GONGQING_SITE_URL 是 {setup.site_url}，短信里的链接不是 https。"
        return Point("https", "HTTPS", Colour.RED, said, "GONGQING_SITE_URL=https://平台的域名")
    return Point("https", "HTTPS", Colour.GREEN, "由代理提供。" if setup.is_behind_proxy else "由平台自己提供。")


def demo(setup: Setup) -> Point:
    """No invented city and no published password."""
    if setup.demo_accounts:
        said = f"演示账号还能用公开的密码登录：{'、'.join(setup.demo_accounts)}。"
        return Point("demo", "演示数据", Colour.RED, said, "正式使用请从空的 GONGQING_HOME 开始，运行 gongqing setup。")
    if setup.has_demo_data:
        said = "数据库里有虚构的演示数据。"
        return Point("demo", "演示数据", Colour.RED, said, "正式使用请从空的 GONGQING_HOME 开始，运行 gongqing setup。")
    return Point("demo", "演示数据", Colour.GREEN, "没有。")


def gateway(setup: Setup) -> Point:
    """Codes and answers reach phones."""
    if setup.sms_gateway == "console":
        said = "短信只写进日志，职工收不到验证码。"
        return Point("gateway", "短信网关", Colour.RED, said, "GONGQING_SMS_GATEWAY 设为正式网关，见短信说明。")
    if setup.sms_gateway == "file":
        said = "短信写进 outbox/sms.jsonl，由本市的发送程序取走。"
        return Point("gateway", "短信网关", Colour.GREEN, said)
    return Point("gateway", "短信网关", Colour.GREEN, f"{setup.sms_gateway}。")
