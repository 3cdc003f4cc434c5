#!/bin/sh
# The browser of the report's tests: the only part of the project that is installed for the whole system, so it says so, and asks at a terminal.
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then exit 0; fi
skipped="the tests of the report in a browser are skipped."
if [ -n "$WITHOUT_BROWSER" ]; then echo "WITHOUT_BROWSER is set: $skipped"; exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "There is no Chromium, and it cannot be installed here without an administrator: $skipped"
    exit 0
fi
echo "The tests of the report need Chromium. It is not here, and is installed for the whole system: apt-get install chromium."
echo "To do without it: make test WITHOUT_BROWSER=1"
if [ -t 0 ] && [ -z "$CI" ]; then
    printf "Install it? [y/N] "
    read -r answer
    case "$answer" in [yY]*) ;; *) echo "Not installed: $skipped"; exit 0 ;; esac
fi
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null ||
    echo "Chromium could not be installed: $skipped"
