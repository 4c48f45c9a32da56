#!/bin/sh
# Find a Chromium for the browser tests, or install one: Debian's where we may, else Playwright's own.
# usage: sh tests/browser/install.sh PYTHON
set -eu
if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
else
    "$1" -m playwright install chromium
fi
