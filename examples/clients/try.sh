#!/usr/bin/env bash
# Ask a deployed API with the clients that exist: `bash examples/clients/try.sh [ENVIRONMENT]`, from the activated
# environment of Arbiter. The clients go into a virtual environment of their own, which is removed afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
env=${1:-}
arbiter_keys() { arbiter keys "$@" ${env:+--env "$env"}; }
folder=$(mktemp -d)
name="try-$(date +%s)"
trap 'arbiter_keys revoke "$name" > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT

# First, for it says at once where there is no API, or none with keys.
made=$(arbiter_keys create "$name" --budget-usd 0.05 --modes base --expires 1h --json)
echo "Installing the clients (about 400 MB; minutes at worst) ..."
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
read -r ARBITER_KEY ARBITER_URL < <(python3 -c 'import json, sys; made = json.load(sys.stdin); print(made["key"], made["url"])' <<< "$made")
export ARBITER_KEY ARBITER_URL
PATH="$folder/venv/bin:$PATH" python "$here/ask.py"
