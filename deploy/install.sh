#!/usr/bin/env bash
# Install this bundle. Nothing is fetched: every package lies in wheels/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/gongqing
home=/var/lib/gongqing
user=gongqing
python=""
systemd=no

usage() {
    cat <<USAGE
用法：./install.sh [--prefix 目录] [--home 目录] [--user 账号 | --no-user] [--python 解释器] [--systemd]
  --prefix   程序装在哪里，默认 /opt/gongqing（每个版本一个子目录，current 指向正在用的）
  --home     数据放在哪里，默认 /var/lib/gongqing
  --user     用哪个系统账号运行，默认 gongqing，没有就建；--no-user 不建账号、不写 /etc，供试装
  --systemd  装上 systemd 服务和每夜备份的定时器（不启动）
USAGE
}

stop() { echo "没有安装：$*" >&2; exit 2; }

while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix=$2; shift 2 ;;
        --home) home=$2; shift 2 ;;
        --user) user=$2; shift 2 ;;
        --no-user) user=""; shift ;;
        --python) python=$2; shift 2 ;;
        --systemd) systemd=yes; shift ;;
        -h|--help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

version=$(cat "$here/VERSION")
wanted=$(cat "$here/PYTHON")
[ "$(uname -m)" = "$(cat "$here/MACHINE")" ] || stop "这个安装包是给 $(cat "$here/MACHINE") 的，本机是 $(uname -m)。"
if [ -z "$python" ]; then
    python=$(command -v "python$wanted" || command -v python3 || true)
fi
[ -n "$python" ] || stop "没有 Python。请先从系统的软件源或安装盘装 Python $wanted。"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$wanted" ] || stop "这个安装包要 Python $wanted，$python 是 $found；用 --python 指定，或换对应的安装包。"
"$python" -c 'import venv' 2>/dev/null || stop "$python 没有 venv 模块（Debian/统信/麒麟：安装系统盘里的 python3-venv）。"

echo "核对安装包……"
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || stop "安装包里有文件和发布时不一样，请重新取一份。"

if [ -n "$user" ]; then
    [ "$(id -u)" = 0 ] || stop "建账号要用 root；只想试装，请加 --no-user。"
    id "$user" >/dev/null 2>&1 || useradd --system --home-dir "$home" --shell /usr/sbin/nologin "$user"
fi

target=$prefix/$version
[ ! -e "$target" ] || stop "$target 已经在了；要重装，请先移走它。"
mkdir -p "$prefix" "$home"
echo "安装到 $target ……"
"$python" -m venv --without-pip "$target"
pip=$(echo "$here"/tools/pip-*.whl)
if ! "$target/bin/python" "$pip/pip" install --quiet --no-index --no-deps --no-cache-dir \
    --disable-pip-version-check --find-links "$here/wheels" --requirement "$here/installed.txt"; then
    rm -rf "$target"
    stop "包没有装好，见上面的说明。"
fi
mkdir -p "$target/share"
cp -r "$here/docs" "$here/deploy" "$here/LICENCES.tsv" "$here/LICENSE" "$target/share/"
ln -sfn "$version" "$prefix/current"
"$target/bin/gongqing" certificate --help >/dev/null || stop "装好的程序跑不起来。"

if [ -n "$user" ]; then
    chown "$user:$user" "$home"
    chmod 700 "$home"
    mkdir -p /etc/gongqing
    if [ ! -e /etc/gongqing/gongqing.env ]; then
        sed "s#^GONGQING_HOME=.*#GONGQING_HOME=$home#" "$here/deploy/systemd/gongqing.env" > /etc/gongqing/gongqing.env
        chown root:"$user" /etc/gongqing/gongqing.env
        chmod 640 /etc/gongqing/gongqing.env
    fi
    for folder in /var/backups/gongqing /var/backups/gongqing-keys; do
        install -d -o "$user" -g "$user" -m 700 "$folder"
    done
    cat > /usr/local/bin/gongqing <<WRAPPER
#!/bin/sh
# Run gongqing as its own account with the settings of this machine.
# Read as systemd reads it: a password or an address may hold &, $, ; and blanks without being quoted.
while IFS= read -r line || [ -n "\$line" ]; do
    case \$line in ''|[\#\;]*) continue ;; esac
    name=\${line%%=*} value=\${line#*=}
    case \$value in \"*\") value=\${value#\"} value=\${value%\"} ;; \'*\') value=\${value#\'} value=\${value%\'} ;; esac
    export "\$name=\$value"
done < /etc/gongqing/gongqing.env
[ -d /run/gongqing ] && export XDG_RUNTIME_DIR=/run/gongqing
cd /
[ "\$(id -un)" = "$user" ] && exec "$prefix/current/bin/gongqing" "\$@"
exec runuser -u "$user" -- "$prefix/current/bin/gongqing" "\$@"
WRAPPER
    chmod 755 /usr/local/bin/gongqing
    if [ "$systemd" = yes ]; then
        for unit in "$here"/deploy/systemd/*.service "$here"/deploy/systemd/*.timer; do
            sed -e "s#/opt/gongqing#$prefix#g" -e "s#/var/lib/gongqing#$home#g" \
                -e "s#^User=.*#User=$user#; s#^Group=.*#Group=$user#" "$unit" > "/etc/systemd/system/$(basename "$unit")"
        done
        systemctl daemon-reload 2>/dev/null || echo "没有 systemd 在运行，服务文件已放好。"
    fi
fi

command=$prefix/current/bin/gongqing
[ -z "$user" ] || command=gongqing
cat <<NEXT
工情 $version 装好了。接下来：
  1. 改设置：$([ -n "$user" ] && echo /etc/gongqing/gongqing.env || echo 环境变量)（见 $prefix/current/share/docs/operations/install.md）
  2. 从旧版本升级：先停平台，再运行 $command upgrade
  3. 启动：$([ "$systemd" = yes ] && echo "systemctl enable --now gongqing.service gongqing-backup.timer" || echo "GONGQING_HOME=$home $command up")
  4. 第一个系统管理员：$command accounts create 账号 姓名；$command accounts appoint 账号 administrator
  5. 开放前：$command checklist --production
NEXT
