"""Is this certificate fit to serve with, how long does it last, and where does a trial one come from?

A certificate file is PEM, the server's own certificate first; a key file is unencrypted PKCS#8 PEM, as the server wants
it. Trial certificates come from a certificate authority made on the spot and say so in their subject.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gongqing.lib.errors import BadInput
from gongqing.lib.times import SHANGHAI, now

TRIAL = "工情试用证书（不得用于正式环境）"
TRIAL_DAYS = 90
PKCS8 = "-----BEGIN PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate file says.

    Attributes:
        names: host names and addresses it is made out to; `*.city.example` stands for one label.
        since, until: when it is valid, Asia/Shanghai.
        is_trial: it was made by `gongqing certificate make`.
    """

    names: tuple[str, ...]
    since: datetime
    until: datetime
    is_trial: bool

    def covers(self, host: str) -> bool:
        """Whether a browser that was sent to this host accepts the names."""
        host = host.strip("[]").lower()
        return any(host == name or (name[:2] == "*." and host.partition(".")[2] == name[2:]) for name in self.names)

    def days_left(self, at: datetime) -> int:
        """Whole days until it expires; negative afterwards."""
        return (self.until - at).days


def read_certificate(path: Path) -> Certificate:
    """The first certificate of a PEM file.

    Raises:
        BadInput: on `cert`; the file cannot be read or holds none.
    """
    return _described(_certificate(path))


def check_pair(cert: Path, key: Path, *, at: datetime, host: str = "") -> Certificate:
    """A certificate and its key that can serve now, for this host when one is named.

    Raises:
        BadInput: on `cert` or `key`, saying what is wrong and what to do.
    """
    parsed = _certificate(cert)
    if _public(_private_key(key).public_key()) != _public(parsed.public_key()):
        raise BadInput("key", f"私钥 {key} 和证书 {cert} 不是一对，请核对是不是拿错了文件。")
    found = _described(parsed)
    if at > found.until:
        raise BadInput("cert", f"证书 {cert} 已在 {found.until:%Y-%m-%d} 过期，请换新证书。")
    if at < found.since:
        raise BadInput("cert", f"证书 {cert} 要到 {found.since:%Y-%m-%d %H:%M} 才生效，请核对本机时间和证书。")
    if host and not found.covers(host):
        raise BadInput(
            "cert", f"证书是给 {'、'.join(found.names) or '（没有写明域名）'} 的，不含 {host}，浏览器会拒绝。"
        )
    return found


def make_trial(hosts: Sequence[str], folder: Path, *, at: datetime) -> tuple[Path, Path, Path]:
    """Write a trial authority's certificate, a server's certificate for these hosts and its key, valid ninety days.

    Returns:
        the files: authority, certificate (with the authority's behind it), key.

    Raises:
        BadInput: on `host` without one; on `to` when files of an earlier run stand there.
    """
    if not hosts:
        raise BadInput("host", "请用 --host 写明至少一个域名或地址。")
    paths = folder / "trial-ca.pem", folder / "trial.pem", folder / "trial.key"
    if standing := [path.name for path in paths if path.exists()]:
        raise BadInput("to", f"{folder} 里已有 {'、'.join(standing)}，没有覆盖；请先移走，或用 --to 换一个目录。")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    since, until = at - timedelta(minutes=5), at + timedelta(days=TRIAL_DAYS)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _named(f"{TRIAL} CA")
    ca = (
        x509.CertificateBuilder(authority, authority, ca_key.public_key(), x509.random_serial_number(), since, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .add_extension(_usage(is_authority=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder(
            authority, _named(hosts[0]), key.public_key(), x509.random_serial_number(), since, until
        )
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(_usage(is_authority=False), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    ca_pem, leaf_pem = (one.public_bytes(serialization.Encoding.PEM) for one in (ca, leaf))
    # the authority's own key is thrown away: nothing else can ever be signed with it
    for path, content in zip(paths, (ca_pem, leaf_pem + ca_pem, _bare_pem(key)), strict=True):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if path.suffix == ".key" else 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    return paths


def main(arguments: list[str]) -> int:
    """`gongqing certificate make` and `gongqing certificate show`.

    Returns:
        0 done, 2 bad input.
    """
    parser = argparse.ArgumentParser(prog="gongqing certificate", description="证书：查看，或做一张试用的")
    steps = parser.add_subparsers(dest="step", required=True)
    make = steps.add_parser("make", help="做一张试用证书（90 天，不得用于正式环境）")
    make.add_argument("--host", action="append", default=[], help="域名或地址，可以写几次")
    make.add_argument("--to", type=Path, help="放在哪个目录；默认 GONGQING_HOME/tls")
    show = steps.add_parser("show", help="看证书写给谁、还有几天")
    show.add_argument("cert", type=Path)
    show.add_argument("--key", type=Path, help="同时核对私钥")
    options = parser.parse_args(arguments)
    try:
        if options.step == "make":
            folder = options.to or Path(os.environ.get("GONGQING_HOME", "var")).resolve() / "tls"
            ca, cert, key = make_trial(options.host, folder, at=now())
            print(f"试用证书 {cert}，私钥 {key}，{TRIAL_DAYS} 天有效。只供试用，不得用于正式环境。")
            print(f"要浏览器不再警告，请把 {ca} 装为受信任的根证书；试用结束后删除。")
            print(f"启动：gongqing up --cert {cert} --key {key}")
        else:
            found = check_pair(options.cert, options.key, at=now()) if options.key else read_certificate(options.cert)
            print(
                f"写给 {'、'.join(found.names)}，{found.until:%Y-%m-%d %H:%M} 到期，还有 {found.days_left(now())} 天。"
            )
            if found.is_trial:
                print("这是试用证书，不得用于正式环境。")
    except BadInput as refused:
        print(refused.message, file=sys.stderr)
        return 2
    return 0


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(path, "cert", "证书"))[0]
    except ValueError as error:
        raise BadInput("cert", f"{path} 不是 PEM 证书（应以 -----BEGIN CERTIFICATE----- 开头）。") from error


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    content = _read(path, "key", "私钥")
    text = content.decode("ascii", "replace")
    if "ENCRYPTED" in text:
        raise BadInput("key", f"私钥 {path} 带口令。请先去掉：openssl pkcs8 -topk8 -nocrypt -in {path} -out {path}.p8")
    if PKCS8 not in text and "PRIVATE KEY-----" in text:
        raise BadInput(
            "key", f"私钥 {path} 要换成 PKCS#8 格式：openssl pkcs8 -topk8 -nocrypt -in {path} -out {path}.p8"
        )
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise BadInput("key", f"{path} 不是 PEM 私钥（应以 {PKCS8} 开头）。") from error
    return key  # type: ignore[return-value]  # of any kind: only its public half is asked for


def _read(path: Path, field: str, word: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(field, f"{word}文件 {path} 读不出来：{error.strerror}。") from error


def _described(found: x509.Certificate) -> Certificate:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = [name.lower() for name in names.get_values_for_type(x509.DNSName)]
        hosts += [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        hosts = []
    issuers = [str(part.value) for part in found.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    since, until = found.not_valid_before_utc.astimezone(SHANGHAI), found.not_valid_after_utc.astimezone(SHANGHAI)
    return Certificate(tuple(hosts), since, until, is_trial=TRIAL in issuers)


def _public(key: object) -> bytes:
    kind, shape = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(kind, shape)  # type: ignore[attr-defined, no-any-return]


def _bare_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, TRIAL), x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode())
    except UnicodeError as error:
        raise BadInput("host", f"“{host}”不是域名或地址。") from error
