#!/bin/sh
# Installs what the tests need from Debian when it may, and says what is missing when it may not.
set -eu

missing=""
need() { # command, Debian package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need chromium chromium
need smbd samba
need nginx nginx-light
need caddy caddy

[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing:$missing"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Missing:$missing — their tests are skipped by name. Install them with your package manager." >&2
fi
